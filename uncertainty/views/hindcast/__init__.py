"""The hindcast: a fan from the year fitted to, and what was observed after it."""

from uncertainty.views.hindcast.chart import hindcast_chart

__all__ = ["hindcast_chart"]
