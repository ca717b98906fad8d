"""Run directories and tagger files: write, verify, load."""
