"""A trained network in plain numpy: what tags, without a deep-learning library."""
