"""Printed: what the verbs of the command line show."""

from uncertainty.printed.comparison import comparison_report
from uncertainty.printed.console import console
from uncertainty.printed.headline import report
from uncertainty.printed.ledger import ledger_report
from uncertainty.printed.shelf import priors_table, shelf_table, sources_list

__all__ = [
    "comparison_report",
    "console",
    "ledger_report",
    "priors_table",
    "report",
    "shelf_table",
    "sources_list",
]
