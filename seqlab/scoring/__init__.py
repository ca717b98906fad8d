"""Gold and predicted tags to figures of every class."""
