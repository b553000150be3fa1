"""Sensitivity from draws that exist already: no model runs."""
