"""Summaries: what other programs import, and the way back from draws and tables to priors.

The rooms know tables, draws and families, but no `Prior` and no `Space`: they hand on plain
arguments, from which those are made.
"""
