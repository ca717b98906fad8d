"""Comparing settings: train each under several seeds, and judge whether their scores differ."""
