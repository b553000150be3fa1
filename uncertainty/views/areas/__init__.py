"""Stacked areas over years, with a name on each."""
