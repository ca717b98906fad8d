"""The doctor: what is wrong with labelled corpora before training, and with a network after it."""
