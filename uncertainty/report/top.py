"""Top: title, question, and what the page is and is not."""

from __future__ import annotations

from collections.abc import Iterator

from uncertainty.labels import is_calibrated
from uncertainty.report.blocks import Link, Paragraph, Part
from uncertainty.report.given import Given
from uncertainty.report.words import percent, spoken, told
from uncertainty.taught import diagnosis, has_converged


def title(given: Given) -> str:
    """The study's title, else its name."""
    known = (told(given.facts.get(key)) for key in ("title", "study_title", "study"))
    return next((spoken(text) for text in known if text), "Result")


def about(given: Given) -> list[Paragraph]:
    """What the page is and is not, and the way from a number to its source."""
    return [Paragraph([" ".join(said(given))]), *route(given)]


def warning(given: Given) -> list[Paragraph]:
    """What must be known before any number is used: that the fit has not converged."""
    if not is_calibrated(given.tree) or has_converged(given.tree):
        return []
    first: list[Part] = [
        "The fit to the observations has not converged. No number of the posterior on this page is "
        "to be used: run it longer, or mend what is told here. ",
        Link("What the data taught", "#taught"),
    ]
    return [Paragraph(first), *(Paragraph([f"{text}."]) for text in diagnosis(given.tree))]


def said(given: Given) -> Iterator[str]:
    """The sentences of the first paragraph."""
    yield f"This page says what follows from one model and from {what(given)}: {runs(given)}."
    yield " ".join(held(given))
    yield (
        "It is no forecast, and no error of the model's own form is in it: an outcome beyond an "
        "interval is not impossible, and each year is read alone."
    )


def what(given: Given) -> str:
    """The numbers that the model is given."""
    if "parameters" not in given.tree:
        return "what is assumed about its parameters"
    count = given.parameters.sizes["parameter"]
    return f"what is assumed about its {count} parameters"


def runs(given: Given) -> str:
    """How many draws went through the model."""
    draws = given.tree["intervals"].attrs.get("draws")
    return f"{int(draws):,} draws went through it" if draws else "draws of these went through it"


def held(given: Given) -> Iterator[str]:
    """What an interval holds."""
    prob = given.tree["intervals"].attrs.get("interval_prob")
    if prob is not None:
        inside, outside = percent(float(prob)), percent(1 - float(prob))
        yield f"A {inside} interval holds {inside} of the draws, so that {outside} lie outside."


def route(given: Given) -> Iterator[Paragraph]:
    """The way from any number to its source, where there are sources."""
    if not given.register.sources:
        return
    parts: list[Part] = [
        "From any number to its source in two steps: a number leads to the parameters that decide "
        "it, and each ",
        Link("parameter", "#parameters"),
        " to its numbered ",
        Link("sources", "#sources"),
        ".",
    ]
    yield Paragraph(parts)
