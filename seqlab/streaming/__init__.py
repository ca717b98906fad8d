"""Tagging more than fits in memory."""
