"""Distributions as plain numbers and arrays: one class a family, no labels, no units."""
