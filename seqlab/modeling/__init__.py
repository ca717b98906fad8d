"""The tagger network in Keras: layers, output layers and losses."""
