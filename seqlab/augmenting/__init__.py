"""Changed copies of training windows: other mentions, other words, other case."""
