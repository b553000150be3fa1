"""Simulated: whether a fit finds parameters from which its observations were simulated."""
