"""The audit: problems in labelled corpora before training, and in a trained network afterwards."""
