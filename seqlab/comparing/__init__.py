"""Which remedy, honestly: a grid of settings and seeds, trained, scored and told apart."""
