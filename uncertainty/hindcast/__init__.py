"""Hindcasts: fit to what was known up to a year, score what was observed later."""
