"""Tag sentences with a trained network: tags, probabilities, n-best sequences and span confidences."""
