"""Entry point: help answers at once, everything else loads what it needs."""

from __future__ import annotations

import io
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line; an interrupt at any moment ends it with one line."""
    mend_streams()
    try:
        from uncertainty.cli import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write("uncertainty: interrupted\n")
        sys.exit(INTERRUPTED)


def mend_streams() -> None:
    """Standard streams that can show any text, and that are there at all."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
