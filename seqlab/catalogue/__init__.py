"""Data that users give by name: word vectors of packages, and corpora that are downloaded."""
