"""The server: taggers over HTTP."""
