"""Printed: what the verbs of the command line show."""

from uncertainty.printed.cases import cases_table, coverage_table
from uncertainty.printed.comparison import comparison_report
from uncertainty.printed.headline import report
from uncertainty.printed.hindcast import hindcast_report
from uncertainty.printed.ledger import ledger_report
from uncertainty.printed.progress import notes, progress, say
from uncertainty.printed.shelf import priors_table, shelf_table, sources_list
from uncertainty.printed.simulated import simulated_report, simulated_steps

__all__ = [
    "cases_table",
    "comparison_report",
    "coverage_table",
    "hindcast_report",
    "ledger_report",
    "notes",
    "priors_table",
    "progress",
    "report",
    "say",
    "shelf_table",
    "simulated_report",
    "simulated_steps",
    "sources_list",
]
