"""Scores of labelled sentences -> a decision rule: per-class biases, temperature, costs, thresholds."""
