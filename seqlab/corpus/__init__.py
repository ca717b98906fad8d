"""Files to sentences: readers and writers, tag schemes, splits."""
