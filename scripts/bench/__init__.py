"""The benchmark: seqlab, the classic recipe, the machine's matrix products, and other taggers."""
