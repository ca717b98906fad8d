"""Trainings in progress: their run directory and its checkpoints."""
