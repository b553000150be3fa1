"""A figure as bytes that depend on nothing but the figure."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from re import Match, findall, match, sub
from typing import Any
from xml.sax.saxutils import escape

from matplotlib.figure import Figure

from uncertainty.errors import ResultError
from uncertainty.views.drawing.style import MISSING_GLYPH, house_settings

PNG_DPI = 160
FORMATS: dict[str, dict[str, Any]] = {
    "png": {"dpi": PNG_DPI, "metadata": {"Software": None}},
    "svg": {"metadata": {"Date": None, "Creator": None}},
}
# A reader's machine may lack the font that measured the text; these stand in, Chinese included.
FALLBACK = "'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"


def render(figure: Figure, format: str = "svg") -> bytes:
    """Return the picture of a figure as the bytes of a file.

    The same figure gives the same bytes: no date, no version, fixed identifiers. An SVG keeps its
    text as text, is marked as one image, and begins with its title and, as its description, the
    figure's sentence (`figure.get_label()`).

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A figure made by one of the views.
    format : {"svg", "png"}
        A PNG has 160 dots per inch.

    Returns
    -------
    bytes
        The content of the file; writing it is the caller's business.

    Raises
    ------
    ResultError
        For any other format.

    Warns
    -----
    UserWarning
        Once, when no installed font shows some characters of a PNG.
    """
    if format not in FORMATS:
        raise ResultError(f"figure format {format!r}: allowed are {', '.join(FORMATS)}")
    content = _drawn(figure, format)
    if format == "png":
        return content
    return _with_own_names(_with_words(_with_fallback_fonts(content), figure))


def _drawn(figure: Figure, format: str) -> bytes:
    buffer = BytesIO()
    options = FORMATS[format]
    metadata = options["metadata"] | _description(figure, format)
    with house_settings(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(buffer, format=format, **(options | {"metadata": metadata}))
    _tell(caught, glyphs_matter=format == "png")
    return buffer.getvalue()


def _description(figure: Figure, format: str) -> dict[str, str]:
    label = str(figure.get_label())
    return {"Description": label} if label and format == "svg" else {}


def _tell(caught: Iterable[warnings.WarningMessage], *, glyphs_matter: bool) -> None:
    """Pass warnings on; those about missing glyphs become one."""
    missing: dict[str, None] = {}
    for warning in caught:
        if match(MISSING_GLYPH, str(warning.message)):
            missing |= dict.fromkeys(findall(r"Glyph (\d+)", str(warning.message)))
        else:
            warnings.warn(warning.message, stacklevel=4)
    if missing and glyphs_matter:
        glyphs = "".join(chr(int(code)) for code in missing)
        message = (
            f"no installed font shows {glyphs!r}; the PNG has boxes in their place. "
            "Install Noto Sans CJK, or use the SVG, which is not affected"
        )
        warnings.warn(message, UserWarning, stacklevel=4)


def _with_fallback_fonts(content: bytes) -> bytes:
    families = set(findall(rb"font-family: ([^;\"]*)", content))
    for family in sorted(families, key=len, reverse=True):
        wide = b"font-family: " + family + b", " + FALLBACK.encode()
        content = content.replace(b"font-family: " + family + b";", wide + b";")
        content = content.replace(b"font-family: " + family + b'"', wide + b'"')
    return content


def _with_words(content: bytes, figure: Figure) -> bytes:
    """Put title and description first in the SVG, and say that all of it is one image."""
    lines = [text.get_text() for text in figure.texts if text.get_label() == "title"]
    said = {"title": " ".join(lines), "desc": str(figure.get_label())}
    first = "".join(f"\n <{tag}>{escape(text)}</{tag}>" for tag, text in said.items() if text)
    return sub(rb"<svg ([^>]*)>", lambda head: b'<svg role="img" ' + head[1] + b">"
               + first.encode(), content, count=1)  # fmt: skip


def _with_own_names(content: bytes) -> bytes:
    """Number the identifiers of groups of marks that share one: in an SVG each is unique."""
    seen: Counter[bytes] = Counter()

    def numbered(found: Match[bytes]) -> bytes:
        seen[found[1]] += 1
        more = b"-%d" % seen[found[1]] if seen[found[1]] > 1 else b""
        return b'<g id="' + found[1] + more + b'">'

    return sub(rb'<g id="([^"]*)">', numbered, content)
