"""Reads the text of a rules file into nodes, and complains about what is not plain YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from engine.language.complaints import Complaints
from engine.language.text import faults, traps
from engine.language.text.nodes import Items, Node, Page, Pairs, Scalar

# A comment is taken for a part of the value where no blank follows #, or SQL goes on behind it.
_COMMENT = re.compile(r"[ \t]+(?P<comment>#(?:[^\s#]|[ \t]*(?:and|or|not)\b[^:\r\n]*[=<>]))")
MOST_VALUES = 150_000
_LOADERS: dict[bool, type] = {
    True: getattr(yaml, "CBaseLoader", yaml.BaseLoader),
    False: yaml.BaseLoader,
}


@dataclass(slots=True)
class _Open:
    """A mapping or a list that has not ended yet."""

    is_pairs: bool
    flow: bool
    start: int
    nodes: list[Node] = field(default_factory=list)


def parse(page: Page, complaints: Complaints, *, fast: bool = True) -> Node | None:
    """The root node of a file; None where it is empty or cannot be read at all.

    `fast` takes the parser in C where there is one; both give the same nodes and problems.
    """
    reader = _Reader(page, complaints)
    try:
        for event in _events(page.text, _LOADERS[fast]):
            if not reader.take(event):
                return None
    except yaml.MarkedYAMLError as error:
        faults.explain(error, page, reader.last, complaints)
        return None
    return reader.root


def _events(text: str, loader: type) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
    return events


def _start(event: yaml.Event) -> int:
    return 0 if event.start_mark is None else int(event.start_mark.index)


def _stop(event: yaml.Event) -> int:
    return 0 if event.end_mark is None else int(event.end_mark.index)


class _Reader:
    """Builds nodes from the events of a YAML parser, without recursion."""

    def __init__(self, page: Page, complaints: Complaints) -> None:
        self.page = page
        self.complaints = complaints
        self.root: Node | None = None
        self.last: Scalar | None = None  # for what goes wrong right behind it
        self._open: list[_Open] = []
        self._documents = 0
        self._values = 0

    def take(self, event: yaml.Event) -> bool:
        """Take one event; False when reading ends here."""
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            return self._begin(event)
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            start, stop = _start(event), _stop(event)
            alias = Scalar("", self.page, start, stop, broken=True)
            traps.no_alias(alias, self.complaints)
            self._add(alias)
        elif isinstance(event, yaml.DocumentStartEvent):
            return self._document(event)
        return True

    def _document(self, event: yaml.Event) -> bool:
        self._documents += 1
        if self._documents < 2:
            return True
        where = (self.page.place(_start(event)), 3)
        self.complaints.add(
            where,
            "two-documents",
            "A second document begins here.",
            "A file holds one; take the line `---` out or make two files.",
        )
        return False

    def _scalar(self, event: yaml.ScalarEvent) -> bool:
        start, stop = _start(event), _stop(event)
        self._values += 1
        if self._values > MOST_VALUES:
            self._too_many(start)
            return False
        style = event.style or ""
        scalar = Scalar(event.value, self.page, start, stop, style)
        broken = self._decorated(event, scalar) or traps.tab_before(scalar, self.complaints)
        if broken:
            scalar = Scalar(event.value, self.page, start, stop, style, broken=True)
        elif style == "" and event.value and (found := _COMMENT.match(self.page.text, stop)):
            traps.cut_by_comment(scalar, found.start("comment"), self.complaints)
        if event.value or style:
            self.last = scalar
        self._add(scalar)
        return True

    def _too_many(self, index: int) -> None:
        self.complaints.add(
            (self.page.place(index), 1),
            "too-many-values",
            f"The file holds more than {MOST_VALUES:,} keys and values.",
            "Split it into several files.",
        )

    def _begin(self, event: yaml.CollectionStartEvent) -> bool:
        start = _start(event)
        if len(self._open) >= traps.DEEPEST:
            traps.too_deep(self.page.place(start), self.complaints)
            return False
        self._decorated(event, Scalar("", self.page, start, start + 1))
        is_pairs = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open(is_pairs, bool(event.flow_style), start))
        return True

    def _decorated(self, event: yaml.NodeEvent, node: Scalar) -> bool:
        """Complains about a tag or an anchor."""
        tag = getattr(event, "tag", None)
        if tag is None and event.anchor is None:
            return False
        traps.no_decoration(node, self.complaints)
        return True

    def _end(self, event: yaml.Event) -> None:
        done = self._open.pop()
        stop = max(_stop(event), done.start)
        if done.is_pairs:
            pairs = traps.pairs(done.nodes, flow=done.flow, complaints=self.complaints)
            self._add(Pairs(pairs, self.page, done.start, stop))
        else:
            items = traps.items(done.nodes, self.complaints)
            self._add(Items(items, self.page, done.start, stop))

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].nodes.append(node)
        else:
            self.root = node
