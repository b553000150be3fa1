"""Report: a result in, one self-contained HTML page out."""

from uncertainty.report.page import page
from uncertainty.report.renewed import REPORT, renew

__all__ = ["REPORT", "page", "renew"]
