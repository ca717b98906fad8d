"""The main job: prepare, fit, decide, save."""
