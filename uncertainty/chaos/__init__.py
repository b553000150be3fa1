"""Polynomial chaos: indices from a few hundred runs."""
