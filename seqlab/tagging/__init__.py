"""A trained tagger: tag, save, load."""
