"""Entry point: help answers at once, everything else loads what it needs."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from uncertainty.cli import app

    app()


if __name__ == "__main__":
    main()
