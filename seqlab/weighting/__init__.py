"""Labels to weights: class weights and the temporal weight matrix."""
