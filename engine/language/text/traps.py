"""The traps of YAML that a parser reads without a word: what people meant, and what we say."""

from __future__ import annotations

import re

from engine.language.complaints import Complaints
from engine.language.program import Place
from engine.language.text.nodes import Node, Page, Pairs, Scalar
from engine.language.text.quote import quoted

DEEPEST = 40
QUOTES = "Put quotes round the whole value"
FULL_WIDTH = dict(zip("：，（）‘’“”；｛｝［］\u3000", ":,()''\"\";{}[] ", strict=True))
_MARKED = re.compile(rf"[^\s:]+:\S|[^{''.join(FULL_WIDTH)}]*[{''.join(FULL_WIDTH)}]")


def pairs(
    nodes: list[Node], *, flow: bool, complaints: Complaints
) -> tuple[tuple[Scalar, Node], ...]:
    """Keys and values in turn as pairs; those that are wrong are broken and complained about."""
    found: dict[str, tuple[Scalar, Node]] = {}
    for key, value in zip(nodes[::2], nodes[1::2], strict=True):
        if not isinstance(key, Scalar):
            complaints.add(key, "key", "A key is a single word here.", "Write `key: value`.")
            continue
        if key.broken or _is_merge(key, complaints):
            continue
        if key.style == "" and is_marked(key.text):
            marked(key, key.text, complaints)
            found[key.text] = (_broken(key), _broken(value))
            continue
        if _is_empty(value):
            if flow and _has_no_colon(key, value):
                _bare_key(key, found, complaints)
                continue
            _empty(key, value, complaints)
            value = _broken(value)
        if key.text in found:
            _double_key(key, found[key.text][0], complaints)
            continue
        found[key.text] = (key, value)
    return tuple(found.values())


def _is_merge(key: Scalar, complaints: Complaints) -> bool:
    if key.text != "<<":
        return False
    complaints.add(
        key, "merge-key", "`<<` is not used here.", "Write the keys out where they belong."
    )
    return True


def _double_key(key: Scalar, first: Scalar, complaints: Complaints) -> None:
    complaints.add(
        key,
        "double-key",
        f"`{key.text}` is written twice; first in line {first.place.line}.",
        "Keep one of them.",
    )


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == "" and node.style == "" and not node.broken


def _has_no_colon(key: Scalar, value: Node) -> bool:
    return ":" not in key.page.text[key.stop : value.stop]


def _bare_key(key: Scalar, found: dict[str, tuple[Scalar, Node]], complaints: Complaints) -> None:
    """A key inside `{ }` without a colon; it stays broken, as does what it was cut from."""
    previous = next(reversed(found.values()), None)
    found[key.text] = (_broken(key), _broken(key))
    cut = previous[1] if previous is not None else None
    if not isinstance(cut, Scalar) or cut.style != "" or previous is None:
        complaints.add(
            key,
            "no-value",
            f"{quoted(key.text)} has no value.",
            f"Inside {{ }} write `{key.text}: value`; a list stands in [ ].",
        )
        return
    found[previous[0].text] = (previous[0], _broken(cut))
    if cut.broken:
        return
    length = len(key.page.rest_of_line(cut.start))
    comma(cut.place, key.page.text[cut.start : key.stop][:length], complaints)


def comma(place: Place, whole: str, complaints: Complaints) -> None:
    """A comma that cuts `whole` inside `{ }`."""
    complaints.add(
        (place, max(1, len(whole))),
        "comma-in-value",
        f"A comma ends a value inside {{ }}, so {quoted(whole)} is cut at the comma.",
        f"{QUOTES}, or write it on its own line.",
    )


def _empty(key: Scalar, value: Node, complaints: Complaints) -> None:
    rest = key.page.rest_of_line(key.stop).lstrip(": ")
    if rest.startswith("#"):
        complaints.add(
            key,
            "empty",
            f"The value of `{key.text}` is empty: everything after # is a comment.",
            f"{QUOTES} if # belongs to it.",
        )
        return
    complaints.add(
        key,
        "empty",
        f"The value of `{key.text}` is empty.",
        "Write a value, `{}` where nothing is to be said, or take the key out.",
    )


def _broken(node: Node) -> Scalar:
    """Something in the place of `node` that nobody reads."""
    return Scalar("", node.page, node.start, node.stop, broken=True)


def items(nodes: list[Node], complaints: Complaints) -> tuple[Node, ...]:
    """The values of a list; an empty one has been complained about."""
    kept = []
    for node in nodes:
        if _is_empty(node):
            complaints.add(
                node, "empty", "An entry of this list is empty.", "Write a value or take it out."
            )
            continue
        kept.append(node)
    return tuple(kept)


def too_deep(place: Place, complaints: Complaints) -> None:
    """Something that is nested deeper than any rule."""
    complaints.add(
        (place, 1),
        "too-deep",
        f"Brackets or levels are nested more than {DEEPEST} deep.",
        "Rules need fewer than ten.",
    )


def no_alias(node: Scalar, complaints: Complaints) -> None:
    """A value that begins with `*`, which YAML takes for an alias."""
    complaints.add(
        node,
        "alias",
        f"{quoted(node.page.text[node.start : node.stop])} begins with `*`: YAML takes it for an"
        " alias, and those are not used here.",
        f"{QUOTES}, or write out what it stands for.",
    )


def no_decoration(node: Scalar, complaints: Complaints) -> None:
    """A tag (`!`) or an anchor (`&`) before a value or among its first characters."""
    before = node.page.text[: node.start]
    mark, start = node.page.text[node.start : node.start + 1], node.start
    if mark not in "!&":  # an anchor's event may begin at the value behind it
        start = max(before.rfind("&"), before.rfind("!"), 0)
        mark = node.page.text[start : start + 1]
    word = "a tag" if mark == "!" else "an anchor"
    said = node.page.rest_of_line(start).split(" #")[0].rstrip()
    complaints.add(
        (node.page.place(start), len(said) or 1),
        "tag" if mark == "!" else "anchor",
        f"{quoted(said)} begins with `{mark}`: YAML takes it for {word}, and those are not used"
        " here.",
        f"{QUOTES}, or leave it out.",
    )


def tab_before(node: Scalar, complaints: Complaints) -> bool:
    """Complains about a tab right before a value, which only some parsers take."""
    text = node.page.text
    if node.start == 0 or text[node.start - 1] != "\t":
        return False
    tab(node.page.place(node.start - 1), complaints)
    return True


def tab(place: Place, complaints: Complaints) -> None:
    """A tab where only blanks may stand."""
    complaints.add((place, 1), "tab", "Here stands a tab.", "YAML is indented with spaces.")


def cut_by_comment(node: Scalar, start: int, complaints: Complaints) -> None:
    """A `#` inside what looks like one value."""
    rest = node.page.rest_of_line(start)
    other = "" if rest[1:2] == " " else ", or write a space behind #"
    complaints.add(
        (node.page.place(start), len(rest)),
        "comment-in-value",
        "Everything after # is a comment, so the value ends before it.",
        f"{QUOTES} if # belongs to it{other}.",
        severity="warning",
    )


def root(node: Node | None, page: Page, complaints: Complaints) -> Pairs | None:
    """The sections of a file; None, with a problem, where the file holds something else."""
    if isinstance(node, Pairs):
        return node
    if node is None or _is_empty(node):
        return None
    if isinstance(node, Scalar) and is_marked(page.rest_of_line(node.start)):
        marked(node, page.rest_of_line(node.start), complaints)
        return None
    complaints.add(
        node,
        "no-sections",
        "The file does not begin with a section.",
        "Sections are keys such as `earn:` at the beginning of a line.",
    )
    return None


def is_marked(text: str) -> bool:
    """Whether it looks like `key:value` without the space, or has marks of full width."""
    return _MARKED.match(text) is not None


def marked(node: Scalar, written: str, complaints: Complaints) -> None:
    """Says so."""
    found = next((at for at, letter in enumerate(written) if letter in FULL_WIDTH), -1)
    if found >= 0:
        mark = written[found]
        complaints.add(
            (node.page.place(node.start + found), 1),
            "full-width",
            f"`{mark}` is of full width, and so it is a letter like others here.",
            f"Write `{FULL_WIDTH[mark]}` as on an English keyboard.",
        )
        return
    key, _, value = written.partition(":")
    complaints.add(
        (node.place, min(len(written), node.length)),
        "no-space",
        f"A space is missing after `{key}:`.",
        f"Write `{key}: {'{...}' if value[0] in '{[' else value.split()[0]}`.",
    )
