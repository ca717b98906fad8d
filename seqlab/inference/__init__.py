"""Run a trained network in numpy, without a deep-learning library."""
