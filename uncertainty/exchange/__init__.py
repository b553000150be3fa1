"""Samples out to, and outcomes in from, a model that is run elsewhere."""
