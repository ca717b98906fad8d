"""Compare gold tags with predicted tags: figures of every class, and the confusion matrix."""
