"""Calibration: priors, model and observations to draws of the posterior."""
