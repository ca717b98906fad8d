"""The benchmark: seqlab beside the classic recipe, the machine's own rate, and its peers."""
