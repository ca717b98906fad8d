"""Scores to tags: Viterbi, n-best, per-class biases, calibration, costs."""
