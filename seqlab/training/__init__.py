"""The loop, what it tracks of every class, when it raises an alarm and which epoch it keeps."""
