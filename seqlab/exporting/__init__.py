"""Write a tagger as files that need neither Keras nor the rest of seqlab: a wheel, a zip, a graph of ONNX."""
