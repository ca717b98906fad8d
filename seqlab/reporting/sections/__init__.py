"""The sections of a run's page, one module each, in the order in which a reader needs them."""
