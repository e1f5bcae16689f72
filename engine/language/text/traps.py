"""The traps of YAML: what people write, what a parser makes of it, and what we say."""

from __future__ import annotations

import re

import yaml

from engine.language.complaints import Complaints
from engine.language.program import Place
from engine.language.text.nodes import Node, Page, Pairs, Scalar

QUOTES = "Put quotes round the whole value"
_BEGINS = ("cannot start any token", "sequence entries are not allowed", "tag", "directive")
FULL_WIDTH = "：，（）‘’“”；｛｝［］　"


def pairs(
    nodes: list[Node], *, flow: bool, complaints: Complaints
) -> tuple[tuple[Scalar, Node], ...]:
    """Keys and values in turn as pairs; those that are wrong have been complained about."""
    found: dict[str, tuple[Scalar, Node]] = {}
    previous: Scalar | None = None
    for key, value in zip(nodes[::2], nodes[1::2], strict=True):
        if not isinstance(key, Scalar):
            complaints.add(
                key, "key", "A key is a single word or name here.", "Write `key: value`."
            )
            continue
        if key.broken:
            continue
        if key.text == "<<":
            complaints.add(
                key, "merge-key", "`<<` is not used here.", "Write the keys out where they belong."
            )
            continue
        if _is_empty(value):
            if flow and _has_no_colon(key, value):
                _bare_key(key, previous, complaints)
                if previous is not None and found and not _is_marked(key.text):
                    last, _ = found.popitem()[1]
                    found[last.text] = (last, _broken(previous))
                continue
            _empty(key, value, complaints)
            value = _broken(value)
        if key.text in found:
            first = found[key.text][0].place.line
            complaints.add(
                key,
                "double-key",
                f"`{key.text}` is written twice; first in line {first}.",
                "Keep one of them.",
            )
            continue
        found[key.text] = (key, value)
        previous = value if isinstance(value, Scalar) and value.style == "" else None
    return tuple(found.values())


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


def no_alias(node: Scalar, complaints: Complaints) -> None:
    """A value that begins with `*`, which YAML takes for an alias."""
    complaints.add(
        node,
        "alias",
        "A value may not begin with `*`; YAML takes it for an alias, and those are not used here.",
        f"{QUOTES} or write it out.",
    )


def no_decoration(node: Scalar, complaints: Complaints) -> None:
    """A tag (`!`) or an anchor (`&`) before a value or among its first characters."""
    before = node.page.text[: node.start]
    mark, start = node.page.text[node.start : node.start + 1], node.start
    if mark not in "!&":  # an anchor's event may begin at the value behind it
        start = max(before.rfind("&"), before.rfind("!"), 0)
        mark = node.page.text[start : start + 1]
    word = "a tag" if mark == "!" else "an anchor"
    rest = node.page.rest_of_line(start)
    complaints.add(
        (node.page.place(start), len(rest.split(" #")[0].rstrip()) or 1),
        "tag" if mark == "!" else "anchor",
        f"A value may not begin with `{mark}`; YAML takes it for {word}, and those are not used"
        " here.",
        f"{QUOTES} or write it out.",
    )


def tab_before(node: Scalar, complaints: Complaints) -> bool:
    """Complains about a tab right before a value, which only some parsers take."""
    text = node.page.text
    if node.start == 0 or text[node.start - 1] != "\t":
        return False
    _tab(node.page.place(node.start - 1), complaints)
    return True


def cut_by_comment(node: Scalar, start: int, complaints: Complaints) -> None:
    """A `#` inside what looks like one value."""
    rest = node.page.rest_of_line(start)
    complaints.add(
        (node.page.place(start), len(rest)),
        "comment-in-value",
        "Everything after # is a comment, so the value ends before it.",
        f"{QUOTES} if # belongs to it, or write a space behind #.",
        severity="warning",
    )


def explain(
    error: yaml.MarkedYAMLError, page: Page, last: Scalar | None, complaints: Complaints
) -> None:
    """Say in a marketer's words what the parser could not read; `last` is what it read last."""
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    index = min(mark.index if mark else 0, len(page.text))
    begin = error.context_mark.index if error.context_mark else index
    if _is_tabbed(page, index):
        _tab(page.place(_tab_index(page, index)), complaints)
    elif "mapping values are not allowed" in problem:
        _stray_colon(page, index, last, complaints)
    elif "block scalar" in context or "alias" in context or "anchor" in context:
        _wrong_begin(page, begin, complaints)
    elif any(said in f"{problem} {context}" for said in _BEGINS):
        _wrong_begin(page, index, complaints)
    elif "unknown escape" in problem or "escape sequence" in problem:
        _wrong_escape(page, index, complaints)
    elif "quoted scalar" in context:
        _open_quote(page, begin, complaints)
    elif "flow" in context:
        _flow(page, index, begin, last, complaints)
    else:
        _structure(page, index, last, complaints)


def shown(text: str) -> str:
    """`text` as a message quotes it: in one line, and not too long."""
    line = " ".join(text.split())
    return code(line if len(line) <= 60 else f"{line[:57]}...")


def code(text: str) -> str:
    """`text` between marks that it does not hold itself."""
    return f"'{text}'" if "`" in text else f"`{text}`"


def _is_tabbed(page: Page, index: int) -> bool:
    return _tab_index(page, index) >= 0


def _tab_index(page: Page, index: int) -> int:
    """The offset of the tab at `index` or among the blanks its line begins with, else -1."""
    if page.text[index : index + 1] == "\t":
        return index
    line = page.starts[page.place(index).line - 1]
    blanks = re.match(r"[ \t]*", page.rest_of_line(line))
    at = blanks.group().find("\t") if blanks else -1
    return line + at if at >= 0 else -1


def _tab(place: Place, complaints: Complaints) -> None:
    complaints.add((place, 1), "tab", "Here stands a tab.", "YAML is indented with spaces.")


def _stray_colon(page: Page, index: int, last: Scalar | None, complaints: Complaints) -> None:
    """A colon where no key can end: in a value, or behind a line that has no key of its own."""
    if last is not None and last.place.line < page.place(index).line:
        _line_without_key(page, index, last, complaints)
        return
    start = last.start if last is not None else index
    rest = page.rest_of_line(start)
    complaints.add(
        (page.place(start), len(rest)),
        "colon-in-value",
        f"A colon stands inside the value {shown(rest)}.",
        f"{QUOTES}.",
    )


def _line_without_key(page: Page, index: int, last: Scalar, complaints: Complaints) -> None:
    written = page.rest_of_line(last.start)
    if _is_marked(written):
        _marked(last, written, complaints)
        return
    line = page.place(index).line
    start = page.starts[line - 1]
    rest = page.rest_of_line(start)
    blanks = len(rest) - len(rest.lstrip())
    complaints.add(
        (page.place(start + blanks), len(rest) - blanks),
        "indentation",
        "This line is indented more than the line before it, which has a value already.",
        "Keys of one thing begin in the same column.",
    )


def _is_marked(text: str) -> bool:
    """Whether it looks like `key:value` without the space, or has marks of full width."""
    return bool(re.match(r"[^\s:]+:\S", text)) or any(mark in text for mark in FULL_WIDTH)


def _marked(node: Scalar, written: str, complaints: Complaints) -> None:
    found = next((at for at, letter in enumerate(written) if letter in FULL_WIDTH), -1)
    if found >= 0:
        complaints.add(
            (node.page.place(node.start + found), 1),
            "full-width",
            f"`{written[found]}` is a letter here, for it is of full width.",
            "Write `: , ( ) '` and the space as on an English keyboard.",
        )
        return
    key = written.split(":")[0]
    complaints.add(
        (node.place, min(len(written), node.length)),
        "no-space",
        f"Behind the colon of `{key}:` a space is missing.",
        f"Write `{key}: {written[len(key) + 1 :].split()[0]}`.",
    )


def _wrong_begin(page: Page, index: int, complaints: Complaints) -> None:
    rest = page.rest_of_line(index)
    mark = ">=" if rest.startswith(">=") else rest[:1]
    complaints.add(
        (page.place(index), len(rest)),
        "begin-of-value",
        f"A value may not begin with {code(mark)}, as here: {shown(rest)}.",
        f"{QUOTES}.",
    )


def _wrong_escape(page: Page, index: int, complaints: Complaints) -> None:
    start = page.text.rfind("\\", 0, index + 1)
    written = page.text[start : start + 2]
    complaints.add(
        (page.place(max(start, 0)), 2),
        "escape",
        f"`{written}` means nothing between double quotes.",
        "Write `\\\\` for a backslash, or take single quotes.",
    )


def _open_quote(page: Page, begin: int, complaints: Complaints) -> None:
    complaints.add(
        (page.place(begin), 1),
        "open-quote",
        "A quote is opened here and never closed.",
        "Write the same quote at the end of the value.",
    )


def _flow(page: Page, index: int, begin: int, last: Scalar | None, complaints: Complaints) -> None:
    """Inside `{ }` or `[ ]`."""
    bracket = page.text[begin : begin + 1]
    closing = {"{": "}", "[": "]"}.get(bracket, "}")
    if last is not None and last.start > begin:
        written = page.text[last.start : index]
        if last.style == "" and _is_marked(written) and last.place.line == page.place(index).line:
            _marked(last, written, complaints)
            return
        if _is_behind_quote(page, index, last):
            _behind_quote(page, last, complaints)
            return
        if page.text[index : index + 1] == ":" and page.place(index).line == last.place.line:
            _stray_colon(page, index, last, complaints)
            return
    complaints.add(
        (page.place(begin), 1),
        "open-bracket",
        f"`{bracket}` is opened here and `{closing}` does not come where it should.",
        f"Close it with `{closing}`, with a comma between the values inside.",
    )


def _structure(page: Page, index: int, last: Scalar | None, complaints: Complaints) -> None:
    """Lines that do not fit together, or something behind the end of a value."""
    place = page.place(index)
    rest = page.rest_of_line(index)
    if last is not None and _is_behind_quote(page, index, last):
        _behind_quote(page, last, complaints)
        return
    if rest[:1] in ("}", "]"):
        complaints.add(
            (place, 1), "closing-bracket", f"`{rest[0]}` closes nothing.", "Take it out."
        )
        return
    complaints.add(
        (place, len(rest) or 1),
        "indentation",
        "This line does not fit to the lines above it.",
        "Keys of one thing begin in the same column, and entries of a list with `- `.",
    )


def _is_behind_quote(page: Page, index: int, last: Scalar) -> bool:
    """Whether more of a value stands at `index`, right behind a quoted one."""
    blank = page.text[last.stop : index].strip(" ") == ""
    return last.style in ("'", '"') and blank and page.text[index : index + 1] not in "\r\n:}]"


def _behind_quote(page: Page, last: Scalar, complaints: Complaints) -> None:
    rest = page.rest_of_line(last.start)
    mark = "double" if "'" in rest else "single"
    complaints.add(
        (last.place, len(rest)),
        "text-behind-quote",
        f"A value that begins with a quote ends with it, but here more follows: {shown(rest)}.",
        f"{QUOTES}, {mark} ones.",
    )


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == "" and node.style == "" and not node.broken


def _has_no_colon(key: Scalar, value: Node) -> bool:
    return ":" not in key.page.text[key.stop : value.stop]


def _bare_key(key: Scalar, previous: Scalar | None, complaints: Complaints) -> None:
    """A key inside `{ }` without a value."""
    if _is_marked(key.text):
        _marked(key, key.text, complaints)
    elif previous is not None:
        whole = key.page.text[previous.start : key.stop]
        complaints.add(
            (previous.place, max(1, min(len(whole), len(key.page.rest_of_line(previous.start))))),
            "comma-in-value",
            f"A comma ends a value inside {{ }}, so {shown(whole)} is cut at the comma.",
            f"{QUOTES}, or write it on its own line.",
        )
    else:
        complaints.add(
            key,
            "no-value",
            f"`{key.text}` has no value.",
            f"Inside {{ }} write `{key.text}: value`, or a list with [ ].",
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
    return Scalar("", node.page, node.start, node.stop, broken=True)


def root(node: Node | None, page: Page, complaints: Complaints) -> Pairs | None:
    """The sections of a file; None, with a problem, where the file holds something else."""
    if isinstance(node, Pairs):
        return node
    if node is None:
        return None
    if isinstance(node, Scalar) and _is_marked(page.rest_of_line(node.start)):
        _marked(node, page.rest_of_line(node.start), complaints)
        return None
    complaints.add(
        node,
        "no-sections",
        "The file does not begin with a section.",
        "Sections are keys such as `earn:` at the beginning of a line.",
    )
    return None
