"""SVG: a chart's file as a part of the page that can neither load nor disturb anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from xml.etree import ElementTree as ET

from uncertainty.errors import ResultError

#: Elements that draw or are drawn with; all others are left out.
KEPT = frozenset(
    {
        "svg", "g", "defs", "use", "clipPath", "pattern", "path", "rect", "circle", "ellipse",
        "line", "polyline", "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop",
    }
)  # fmt: skip
#: Attributes with numbers in points: two decimals are finer than any eye or printer.
PLACES = frozenset({"d", "points", "transform", "x", "y"})
NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
REFERENCE = re.compile(r"url\(\s*#([^)\s]+)\s*\)")
FAMILY = re.compile(r"font-family:([^;]*);?")
RULE = re.compile(r"\*\s*\{([^}]*)\}")
NO_TURN = re.compile(r"rotate\(-?0 [^)]*\)")


@dataclass(frozen=True)
class Drawing:
    """A parsed chart.

    Attributes
    ----------
    root : Element
    label : str
        The chart's own sentence.
    prefix : str
        What its identifiers begin with on the page.
    family : str
        The font that most of its texts are in.
    used : frozenset of str
        Identifiers that something refers to.
    """

    root: ET.Element
    label: str
    prefix: str = ""
    family: str = ""
    used: frozenset[str] = frozenset()


def parsed(name: str, content: bytes) -> Drawing:
    """A chart's file read.

    Raises
    ------
    ResultError
        If it is no SVG.
    """
    try:
        root = ET.fromstring(content)
    except ET.ParseError as error:
        msg = f"{name}: cannot be read as SVG ({error}); run the study again"
        raise ResultError(msg) from None
    if local(root.tag) != "svg":
        msg = f"{name}: no SVG, its root is <{local(root.tag)}>; run the study again"
        raise ResultError(msg)
    said = {local(child.tag): " ".join((child.text or "").split()) for child in root}
    return Drawing(root, said.get("desc") or said.get("title") or name)


def title_of(name: str, content: bytes) -> str:
    """The title of a chart, its name when it has none."""
    titles = (child.text for child in parsed(name, content).root if local(child.tag) == "title")
    return " ".join((next(titles, None) or name).split())


def inline(name: str, content: bytes, prefix: str) -> str:
    """A chart as markup for the page.

    Only what draws is kept: no script, style sheet, metadata, embedded file or outside reference.
    Identifiers begin with `prefix`, so that two charts of a page never share one; numbers are
    rounded to a hundredth of a point. The chart's own sentence becomes its label.

    Parameters
    ----------
    name : str
        For messages.
    content : bytes
        The SVG file.
    prefix : str

    Returns
    -------
    str

    Raises
    ------
    ResultError
        If the file is no SVG.
    """
    drawing = parsed(name, content)
    root = drawing.root
    values = [value for node in root.iter() for value in node.attrib.values()]
    families = Counter(f.strip() for v in values for f in FAMILY.findall(v))
    found = replace(
        drawing,
        prefix=prefix,
        family=families.most_common(1)[0][0] if families else "",
        used=frozenset(references(root)),
    )
    return f"<svg{head(found)}>{''.join(inside(found, root))}</svg>"


def head(drawing: Drawing) -> str:
    """The attributes of the whole: its size, its label, what all of its parts inherit."""
    sheets = (node.text or "" for node in drawing.root.iter() if local(node.tag) == "style")
    rules = [squeezed(rule) for sheet in sheets for rule in RULE.findall(sheet)]
    fonts = [f"font-family:{drawing.family}"] if drawing.family else []
    given = {key: drawing.root.get(key, "") for key in ("width", "height", "viewBox")}
    facts = {"role": "img", "aria-label": drawing.label, **given, "style": ";".join(rules + fonts)}
    return "".join(f' {key}="{escape(value)}"' for key, value in facts.items() if value)


def references(root: ET.Element) -> Iterator[str]:
    """Identifiers that something in a chart refers to."""
    for node in root.iter():
        for key, value in node.attrib.items():
            yield from REFERENCE.findall(value)
            if local(key) == "href" and value.startswith("#"):
                yield value[1:]


def inside(drawing: Drawing, node: ET.Element) -> Iterator[str]:
    """The content of an element."""
    worded = local(node.tag) in {"text", "tspan"}
    if worded and node.text:
        yield escape(node.text)
    for child in node:
        yield from written(drawing, child)
        if worded and child.tail:
            yield escape(child.tail)


def written(drawing: Drawing, node: ET.Element) -> Iterator[str]:
    """An element; a group that says nothing is only its content."""
    tag = local(node.tag)
    if tag not in KEPT:
        return
    facts = "".join(attributes(drawing, node))
    content = "".join(inside(drawing, node))
    if tag == "g" and not facts:
        yield content
    elif content or tag != "defs":
        yield f"<{tag}{facts}>{content}</{tag}>" if content else f"<{tag}{facts}/>"


def attributes(drawing: Drawing, node: ET.Element) -> Iterator[str]:
    """The attributes of an element that stay."""
    for full, value in node.attrib.items():
        key = local(full)
        text = kept(drawing, key, value)
        if text:
            yield f' {key}="{escape(text)}"'


def kept(drawing: Drawing, key: str, value: str) -> str:
    """What stays of an attribute, empty if nothing does."""
    if key == "id":
        return f"{drawing.prefix}{value}" if value in drawing.used else ""
    if key == "href":
        return f"#{drawing.prefix}{value[1:]}" if value.startswith("#") else ""
    value = REFERENCE.sub(rf"url(#{drawing.prefix}\1)", value)
    if key.startswith("on") or foreign(value):
        return ""
    if key == "style":
        return FAMILY.sub(lambda f: own_family(drawing, f), squeezed(value)).strip(";")
    if key in PLACES:
        return NUMBER.sub(rounded, NO_TURN.sub("", " ".join(value.split()))).strip()
    return value


def foreign(value: str) -> bool:
    """Whether an attribute asks for something from outside."""
    return "url(" in REFERENCE.sub("", value) or "@import" in value


def own_family(drawing: Drawing, found: re.Match[str]) -> str:
    """A font is left out where the whole chart has it."""
    return "" if found[1].strip() == drawing.family else found[0]


def squeezed(style: str) -> str:
    """Declarations without blanks that mean nothing."""
    parts = (part.partition(":") for part in style.split(";") if part.strip())
    return ";".join(f"{key.strip()}:{value.strip()}" for key, _, value in parts)


def rounded(found: re.Match[str]) -> str:
    """A number to two decimals."""
    text = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def local(tag: object) -> str:
    """The name of an element or attribute without its namespace; none for a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
