"""Choose tags from a network's scores: legal paths, n-best paths, biases."""
