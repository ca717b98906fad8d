"""Numbers to scores: layers, the tagger network and its losses."""
