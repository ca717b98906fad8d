"""Sentences to numbers: vocabularies, word vectors, ragged arrays and batches."""
