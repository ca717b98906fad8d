"""Export a tagger as a wheel, a zip or an ONNX network."""
