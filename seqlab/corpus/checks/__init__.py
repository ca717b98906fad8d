"""Checks of what was read, before anything is trained, tagged or scored on it."""
