"""Gives every node its type, resolves names, and says what does not fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.language.expression import amounts, kinds, mixing, words
from engine.language.expression.cursor import Raw
from engine.language.expression.mixing import Voice
from engine.language.expression.scope import Scope, advice, nearest
from engine.language.expression.tree import Expr, From, Name, Type


class Checker:
    """Turns nodes into typed ones; one with a fault becomes None, its neighbours are still read."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.scope = scope
        self.voice = Voice(text)

    def node(self, raw: Raw) -> Expr | None:
        """The typed node, or None after a fault."""
        match raw.op:
            case "bad":
                return None
            case "number":
                value = raw.number
                whole = value.denominator == 1
                kept = int(value) if whole else value
                return Expr(
                    "const", Type.WHOLE if whole else Type.DECIMAL, (), kept, raw.start, raw.stop
                )
            case "text":
                return Expr("const", Type.TEXT, (), raw.text, raw.start, raw.stop)
            case "null":
                return Expr("const", Type.NULL, (), None, raw.start, raw.stop)
            case "true" | "false":
                return Expr("const", Type.FLAG, (), raw.op == "true", raw.start, raw.stop)
            case "word":
                return self.name(raw)
            case "call":
                return self.call(raw)
            case _:
                return self.operator(raw)

    def name(self, raw: Raw) -> Expr | None:
        word = raw.text
        known = self.scope.names.get(word)
        if known is not None and "." not in word and word.lower() in words.SQL_WORDS:
            self.voice.say(raw, f"`{word}` is a word of SQL.", f"Write {_prefixed(known)}.")
            return None
        if known is not None:
            return Expr("name", known.type, (), known, raw.start, raw.stop)
        self.unknown(raw, word)
        return None

    def unknown(self, raw: Raw, word: str) -> None:
        if word in self.scope.ambiguous:
            ways = " or ".join(self.scope.ambiguous[word])
            self.voice.say(raw, f"`{word}` is the name of more than one thing.", f"Write {ways}.")
        elif word in self.scope.refused:
            self.voice.say(raw, *self.scope.refused[word])
        elif word.lower() in words.REFUSED_WORDS:
            self.voice.say(raw, *words.REFUSED_WORDS[word.lower()])
        elif word.lower() in words.FUNCTIONS:
            usage = words.FUNCTIONS[word.lower()].usage
            self.voice.say(
                raw, f"`{word}` is a function, so brackets follow it.", f"Write {usage}."
            )
        else:
            known = [*self.scope.names, *self.scope.ambiguous]
            self.voice.say(
                raw, f"There is no name `{_short(word)}` here.", advice(word, known, kind="names")
            )

    def operator(self, raw: Raw) -> Expr | None:
        args = self.typed(raw)
        if args is None:
            return None
        op = raw.op
        if op in ("and", "or", "not", "is_true", "is_false"):
            return self.flags(raw, args)
        if op == "is_null":
            return self.made(raw, Type.FLAG, args)
        if op in ("+", "-", "*", "/", "%", "neg"):
            return self.arithmetic(raw, args)
        if op in ("like", "ilike"):
            return self.pattern(raw, args)
        if op == "case":
            return self.case(raw, args)
        joined = mixing.joined(self.voice, raw, args)
        return None if joined is None else self.made(raw, Type.FLAG, joined)

    def typed(self, raw: Raw) -> list[Expr] | None:
        """The arguments; an unknown word beside a text is most likely a text without quotes."""
        made: list[Expr | None] = []
        for arg in raw.args:
            beside = made[0] if made and raw.op in ("=", "<>", "in") else None
            is_text = beside is not None and beside.type is Type.TEXT
            made.append(self.word_or_text(arg) if is_text else self.node(arg))
        known = [m for m in made if m is not None]
        return known if len(known) == len(made) else None

    def word_or_text(self, raw: Raw) -> Expr | None:
        word = raw.text
        if raw.op != "word" or word in {*self.scope.names, *self.scope.ambiguous}:
            return self.node(raw)
        found = nearest(word, self.scope.names)
        hint = f"Did you mean {found}? A text" if found else "A text"
        what = f"There is no name `{_short(word)}` here."
        self.voice.say(raw, what, f"{hint} stands in quotes: '{_short(word)}'.")
        return None

    def made(self, raw: Raw, type: Type, args: Sequence[Expr]) -> Expr:
        return Expr(raw.op, type, tuple(args), None, raw.start, raw.stop)

    def flags(self, raw: Raw, args: list[Expr]) -> Expr | None:
        """`and or not is true is false` take what is true or false."""
        wrong = [a for a in args if a.type not in (Type.FLAG, Type.NULL)]
        for arg in wrong:
            shown = self.voice.shown(arg)
            word = raw.op.replace("_", " ")
            what = f"`{word}` takes what is true or false; {shown} is {kinds.NAMES[arg.type]}."
            self.voice.say(arg, what, kinds.compare_advice(shown, arg.type))
        return None if wrong else self.made(raw, Type.FLAG, args)

    def arithmetic(self, raw: Raw, args: list[Expr]) -> Expr | None:
        wrong = [a for a in args if not (a.type.is_number or a.type is Type.NULL)]
        mark = "-" if raw.op == "neg" else raw.op
        for arg in wrong:
            what = f"`{mark}` takes numbers; {self.voice.shown(arg)} is {kinds.NAMES[arg.type]}."
            self.voice.say(arg, what, kinds.arithmetic_advice(arg))
        if wrong:
            return None
        return self.made(raw, kinds.of_arithmetic(raw.op, [a.type for a in args]), args)

    def pattern(self, raw: Raw, args: list[Expr]) -> Expr | None:
        value, pattern = args
        fine = self.is_text(raw.op, value)
        if pattern.op != "const" or pattern.type is not Type.TEXT:
            said = (
                f"The pattern of {raw.op} is not a text in quotes.",
                f"Write {raw.op} '%crab%'.",
            )
            self.voice.say(pattern, *said)
            return None
        if "\\" in str(pattern.value):
            said = (
                "A backslash means nothing in a pattern.",
                "Use contains, starts_with or ends_with.",
            )
            self.voice.say(pattern, *said)
            return None
        return self.made(raw, Type.FLAG, args) if fine else None

    def is_text(self, word: str, value: Expr) -> bool:
        if value.type in (Type.TEXT, Type.NULL):
            return True
        shown = self.voice.shown(value)
        advice_given = kinds.text_advice(shown, value.type)
        self.voice.say(
            value, f"`{word}` takes a text; {shown} is {kinds.NAMES[value.type]}.", advice_given
        )
        return False

    def case(self, raw: Raw, args: list[Expr]) -> Expr | None:
        conditions = args[:-1:2]
        wrong = [c for c in conditions if c.type not in (Type.FLAG, Type.NULL)]
        for arg in wrong:
            shown = self.voice.shown(arg)
            what = f"`when` takes what is true or false; {shown} is {kinds.NAMES[arg.type]}."
            self.voice.say(arg, what, kinds.compare_advice(shown, arg.type))
        values = mixing.joined(self.voice, raw, [*args[1:-1:2], args[-1]])
        if wrong or values is None:
            return None
        both = [part for pair in zip(conditions, values[:-1], strict=True) for part in pair]
        return self.made(raw, kinds.common([v.type for v in values]), [*both, values[-1]])

    def call(self, raw: Raw) -> Expr | None:
        name = raw.text.lower()
        function = words.FUNCTIONS.get(name)
        if function is None:
            hint = advice(name, words.FUNCTIONS, kind="functions")
            self.voice.say(
                raw._replace(stop=raw.start + len(raw.text)),
                f"There is no function `{_short(raw.text)}`.",
                hint,
            )
            for arg in raw.args:
                self.node(arg)
            return None
        given = len(raw.args)
        if given < function.least or (function.most is not None and given > function.most):
            counted = kinds.counted(function.least, function.most)
            self.voice.say(
                raw,
                f"`{name}` takes {counted}, here {kinds.are(given)}.",
                f"Write {function.usage}.",
            )
            return None
        if name == "has":
            return self.privilege(raw)
        made = [self.node(a) for a in raw.args]
        args = [a for a in made if a is not None]
        return self.applied(raw, name, args) if len(args) == len(made) else None

    def applied(self, raw: Raw, name: str, args: list[Expr]) -> Expr | None:
        """A known function over typed arguments."""
        function = words.FUNCTIONS[name]
        read: list[Expr] | None = args
        if function.takes == ("same",):
            read = mixing.joined(self.voice, raw, args)
        else:
            takes = [*function.takes, *(function.takes[-1:] * len(args))]
            checked = [self.argument(name, kind, a) for kind, a in zip(takes, args, strict=False)]
            read = [a for a in checked if a is not None]
        if read is None or len(read) < len(args):
            return None
        gives = function.gives or kinds.of_function(name, [a.type for a in read])
        if name == "round" and amounts.places(replace(self.made(raw, gives, read), op=name)) == 0:
            gives = Type.MONEY if gives is Type.MONEY else Type.WHOLE
        return Expr(name, gives, tuple(read), None, raw.start, raw.stop)

    def argument(self, name: str, kind: words.Kind, arg: Expr) -> Expr | None:
        """The argument in the form that `kind` takes, or None after a fault."""
        if kind in ("day", "time") and arg.op == "const" and arg.type is Type.TEXT:
            timed = len(str(arg.value)) > 10 or kind == "time"
            return mixing.day(self.voice, arg, Type.TIME if timed else Type.DATE)
        if kind == "places":
            return self.round_places(arg)
        fits = arg.type is Type.NULL or arg.type in kinds.TAKEN[kind]
        if not fits and kind in ("number", "text"):
            shown = self.voice.shown(arg)
            hint = (
                kinds.arithmetic_advice(arg)
                if kind == "number"
                else kinds.text_advice(shown, arg.type)
            )
            taken = "a number" if kind == "number" else "a text"
            self.voice.say(
                arg, f"`{name}` takes {taken}; {shown} is {kinds.NAMES[arg.type]}.", hint
            )
        elif not fits:
            shown = f"{self.voice.shown(arg)} is {kinds.NAMES[arg.type]}"
            self.voice.say(
                arg,
                f"`{name}` takes {kinds.TAKEN_NAMES[kind]}; {shown}.",
                f"Write {words.FUNCTIONS[name].usage}.",
            )
        return arg if fits else None

    def round_places(self, arg: Expr) -> Expr | None:
        value = amounts.constant(arg)
        if value is None or value.denominator != 1 or not -9 <= value <= 9:
            said = (
                "The places of round are not a whole number from -9 to 9.",
                "Write round(x, 2).",
            )
            self.voice.say(arg, *said)
            return None
        return arg

    def privilege(self, raw: Raw) -> Expr | None:
        arg = raw.args[0]
        if arg.op != "text":
            self.voice.say(
                arg, "`has` takes a privilege's id in quotes.", "Write has('ships_first')."
            )
            return None
        if arg.text not in self.scope.privileges:
            hint = advice(arg.text, self.scope.privileges, kind="privileges")
            self.voice.say(arg, f"There is no privilege `{_short(arg.text)}`.", hint)
            return None
        name = Name(From.PRIVILEGE, arg.text, Type.FLAG)
        return Expr("name", Type.FLAG, (), name, raw.start, raw.stop)


def _prefixed(name: Name) -> str:
    return f"event.{name.name}" if name.source is From.FIELD else f"member.{name.name}"


def _short(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:37]}..."
