"""What a parser cannot read, said in the words of those who write rules."""

from __future__ import annotations

import re

import yaml

from engine.language.complaints import Complaints
from engine.language.text.nodes import Page, Scalar
from engine.language.text.quote import quoted
from engine.language.text.traps import DEEPEST, QUOTES, comma, is_marked, marked, tab, too_deep

_BEGINS = ("cannot start any token", "sequence entries are not allowed", "tag", "directive")


def explain(
    error: yaml.MarkedYAMLError, page: Page, last: Scalar | None, complaints: Complaints
) -> None:
    """Say in a marketer's words what the parser could not read; `last` is what it read last."""
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    index = min(mark.index if mark else 0, len(page.text))
    begin = error.context_mark.index if error.context_mark else index
    if _is_tabbed(page, index):
        tab(page.place(_tab_index(page, index)), complaints)
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


def _stray_colon(
    page: Page, index: int, last: Scalar | None, complaints: Complaints, *, flow: bool = False
) -> None:
    """A colon where no key can end: in a value, or behind a line that has no key of its own."""
    if last is not None and last.place.line < page.place(index).line:
        _line_without_key(page, index, last, complaints)
        return
    start = last.start if last is not None else index
    rest = page.rest_of_line(start)
    if flow:
        rest = rest[: len(rest) - len(re.sub(r"^[^,{}\[\]]*", "", rest))].rstrip()
    complaints.add(
        (page.place(start), len(rest)),
        "colon-in-value",
        f"A colon stands inside the value {quoted(rest)}.",
        f"{QUOTES}.",
    )


def _line_without_key(page: Page, index: int, last: Scalar, complaints: Complaints) -> None:
    written = page.rest_of_line(last.start)
    if is_marked(written):
        marked(last, written, complaints)
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


def _wrong_begin(page: Page, index: int, complaints: Complaints) -> None:
    rest = page.rest_of_line(index)
    mark = ">=" if rest.startswith(">=") else rest[:1]
    hint = "; a condition names what it compares, as in `amount > 5`" if mark[:1] == ">" else ""
    complaints.add(
        (page.place(index), len(rest)),
        "begin-of-value",
        f"{quoted(rest)} begins with {quoted(mark)}, which has a meaning of its own in YAML.",
        f"{QUOTES}{hint}.",
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
    brackets = re.search(r"(?:[\[{]\s*)*\Z", page.text[max(0, index - 2000) : index])
    if brackets and len(re.sub(r"\s", "", brackets.group())) > DEEPEST:
        too_deep(page.place(index), complaints)
        return
    if last is not None and last.start > begin:
        written = page.text[last.start : index]
        if last.style == "" and is_marked(written) and last.place.line == page.place(index).line:
            marked(last, written, complaints)
            return
        if _is_behind_quote(page, index, last):
            if not _cut_in_brackets(page, begin, last, complaints):
                _behind_quote(page, last, complaints)
            return
        if page.text[index : index + 1] == ":" and page.place(index).line == last.place.line:
            _stray_colon(page, index, last, complaints, flow=True)
            return
    _unclosed(page, index, begin, complaints)


def _unclosed(page: Page, index: int, begin: int, complaints: Complaints) -> None:
    bracket, mark = page.text[begin : begin + 1], page.text[index : index + 1]
    if mark == ",":
        complaints.add(
            (page.place(index), 1),
            "empty",
            "Before this comma a value is missing.",
            "Write it, or take the comma out.",
        )
        return
    if bracket not in ("{", "["):
        complaints.add(
            (page.place(index), 1),
            "empty",
            f"{quoted(mark)} stands where a value should."
            if mark.strip()
            else "A value is missing.",
            "Write the value, in quotes where it has such marks.",
        )
        return
    closing = {"{": "}", "[": "]"}[bracket]
    complaints.add(
        (page.place(begin), 1),
        "open-bracket",
        f"`{bracket}` is opened here, and no `,` or `{closing}` follows where one should.",
        f"Put commas between the values, and `{closing}` at the end.",
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
        "This line does not fit the lines above it.",
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
        f"A value that begins with a quote ends with it, but here more follows: {quoted(rest)}.",
        f"{QUOTES}, {mark} ones.",
    )


def _cut_in_brackets(page: Page, begin: int, last: Scalar, complaints: Complaints) -> bool:
    """Whether `last` is a text behind a comma inside ( ), as in `{if: tier in ('a', 'b')}`."""
    start = page.text.rfind(": ", begin, last.start) + 2
    before = page.text[start : last.start]
    if start < 2 or not before.rstrip().endswith(",") or before.count("(") <= before.count(")"):
        return False
    stop = page.text.find(")", last.stop)
    whole = page.rest_of_line(start)
    comma(page.place(start), whole[: stop + 1 - start] if stop >= 0 else whole, complaints)
    return True
