"""A command line as a model."""

from uncertainty.external.command import command, study_model

__all__ = ["command", "study_model"]
