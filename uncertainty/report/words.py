"""Words: numbers, units and shares as the page writes them."""

from __future__ import annotations

import math
import re

import numpy as np

MINUS, NONE = "−", "–"
#: Sums of shares are off by this at most.
ROUNDING = 1e-12
#: From here on a number of years is a date.
CALENDAR = 1000
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
KANA = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
EXPONENT = re.compile(r"e([+-])0*(\d+)$")


def number(value: float, unit: str = "", *, full: bool = False, figures: int = 3) -> str:
    """A number to three or four figures; a date in years as it is, none as a dash.

    In a column of like numbers, `full` keeps the zeros at the end.

    Examples
    --------
    >>> [number(v) for v in (1541.2, 0.16258, -3.5, 2.1e-7, float("nan"))]
    ['1,541', '0.163', '−3.5', '2.1 × 10⁻⁷', '–']
    >>> [number(v, full=True) for v in (26.0, 302.0, 0.5)]
    ['26.0', '302', '0.500']
    >>> [number(v, "year") for v in (2031.0, 2026.83, 2.02)]
    ['2031', '2026.8', '2.02']
    """
    if not math.isfinite(value):
        return NONE if math.isnan(value) else f"{MINUS if value < 0 else ''}∞"
    if unit == "year" and abs(value) >= CALENDAR:
        return f"{value:.1f}".removesuffix(".0")
    short = f"{value:{'#' if full and value else ''}.{figures}g}".rstrip(".")
    text = f"{value:,.0f}" if 999.5 <= abs(value) < 1e7 else short
    return EXPONENT.sub(power, text).replace("-", MINUS)


def power(found: re.Match[str]) -> str:
    """An exponent as a power of ten."""
    raised = found[2].translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f" × 10{'⁻' if found[1] == '-' else ''}{raised}"


def signed(value: float, *, full: bool = False) -> str:
    """A change, with its sign."""
    return f"{'+' if value > 0 else ''}{number(value, full=full)}"


def between(low: float, high: float, unit: str = "", *, full: bool = False) -> str:
    """An interval."""
    return f"{number(low, unit, full=full)} to {number(high, unit, full=full)}"


def with_unit(text: str, unit: str) -> str:
    """A text with the unit in brackets behind it; a pure number has none."""
    return text if unit in {"", "1"} else f"{text} ({unit})"


def percent(share: float, decimals: int = 0) -> str:
    """A share in percent; what is not zero or one is never written as such.

    Examples
    --------
    >>> [percent(s) for s in (0.454, 0.0004, 0.9996, 0.0, 1.0)]
    ['45%', '<1%', '>99%', '0%', '100%']
    >>> percent(-0.0021, 1)
    '−0.2%'
    """
    if not math.isfinite(share):
        return NONE
    text = f"{100 * share:,.{decimals}f}".replace("-", MINUS)
    step = f"{10.0**-decimals:.{decimals}f}"
    if share > ROUNDING and not text.strip("0."):
        return f"<{step}%"
    if share < 1 - ROUNDING and text == f"{100:.{decimals}f}":
        return f">{100 - 10.0**-decimals:.{decimals}f}%"
    return f"{text.lstrip(MINUS) if not text.strip(f'{MINUS}0.') else text}%"


def change(share: float) -> str:
    """A relative change in percent, with its sign.

    Examples
    --------
    >>> [change(s) for s in (0.39, -0.214, 0.0004, float("nan"))]
    ['+39%', '−21%', '0%', '–']
    """
    if not math.isfinite(share):
        return NONE
    rounded = round(100 * share)
    return f"{rounded:+,d}%".replace("-", MINUS) if rounded else "0%"


def level_name(probability: float) -> str:
    """A quantile as planners name it, such as P95."""
    return f"P{100 * probability:.6g}"


def spoken(name: object) -> str:
    """An identifier as words."""
    return str(name).replace("_", " ")


def sentence(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def within(text: str) -> str:
    """A text as it stands within a sentence: without a capital letter, unless it is a short form.

    Examples
    --------
    >>> within("Electricity use"), within("PUE")
    ('electricity use', 'PUE')
    """
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def language(text: str) -> str:
    """The language to mark a text with: Chinese by its characters, otherwise none."""
    return "zh-Hans" if HAN.search(text) and not KANA.search(text) else ""


def told(value: object) -> str:
    """A stored text; one that is missing is empty."""
    missing = value is None or value != value or str(value) == "nan"
    return "" if missing else str(value.item() if isinstance(value, np.generic) else value)
