"""Words: numbers, units and shares as the page writes them."""

from __future__ import annotations

import math
import re

import numpy as np

MINUS, NONE, THIN = "−", "–", "\u202f"
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
KANA = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
EXPONENT = re.compile(r"e([+-])0*(\d+)$")


def number(value: float, unit: str = "") -> str:
    """A number to three or four figures; a year as it is, none as a dash.

    Examples
    --------
    >>> [number(v) for v in (1541.2, 0.16258, -3.5, 2.1e-7, float("nan"))]
    ['1,541', '0.163', '−3.5', '2.1 × 10⁻⁷', '–']
    >>> number(2031.0, "year")
    '2031'
    """
    if not math.isfinite(value):
        return NONE if math.isnan(value) else f"{MINUS if value < 0 else ''}∞"
    if unit == "year":
        return f"{value:.0f}"
    text = f"{value:,.0f}" if 999.5 <= abs(value) < 1e7 else f"{value:.3g}"
    return EXPONENT.sub(power, text).replace("-", MINUS)


def power(found: re.Match[str]) -> str:
    """An exponent as a power of ten."""
    raised = found[2].translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f" × 10{'⁻' if found[1] == '-' else ''}{raised}"


def signed(value: float, unit: str = "") -> str:
    """A change, with its sign."""
    return f"+{number(value, unit)}" if value > 0 else number(value, unit)


def between(low: float, high: float, unit: str = "") -> str:
    """An interval."""
    return f"{number(low, unit)} to {number(high, unit)}"


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
    if share > 0 and not text.strip("0."):
        return f"<{step}%"
    if share < 1 and text == f"{100:.{decimals}f}":
        return f">{100 - 10.0**-decimals:.{decimals}f}%"
    return f"{text.lstrip(MINUS) if not text.strip(f'{MINUS}0.') else text}%"


def level_name(probability: float) -> str:
    """A quantile as planners name it, such as P95."""
    return f"P{100 * probability:.6g}"


def spoken(name: object) -> str:
    """An identifier as words."""
    return str(name).replace("_", " ")


def sentence(text: str) -> str:
    """A text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def language(text: str) -> str:
    """The language to mark a text with: Chinese by its characters, otherwise none."""
    return "zh-Hans" if HAN.search(text) and not KANA.search(text) else ""


def told(value: object) -> str:
    """A stored text; one that is missing is empty."""
    missing = value is None or value != value or str(value) == "nan"
    return "" if missing else str(value.item() if isinstance(value, np.generic) else value)
