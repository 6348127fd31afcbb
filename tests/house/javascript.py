"""Where the functions of a JavaScript file begin and end, told from its brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

NO_FUNCTION = ("if", "for", "while", "switch", "catch", "with")
# After one of these a slash begins a regular expression; after a value it divides.
BEFORE_REGEX = set("(,=:[!&|?{};+-*%<>~^\n") | {""}
WORDS_BEFORE_REGEX = ("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await")


@dataclass(frozen=True)
class Function:
    """One function: its name ("" where it has none) and its first and last line, from 1."""

    name: str
    first: int
    last: int

    @property
    def lines(self) -> int:
        return self.last - self.first + 1


def functions(source: str) -> list[Function]:
    """All functions that have a block as their body: declared, methods and arrows, those inside others too.

    ValueError where the brackets do not match: then this reader has misread the file.
    """
    code = without_text(source)
    found, open_brackets = [], []
    for place, sign in enumerate(code):
        if sign in "([{":
            open_brackets.append(place)
        elif sign in ")]}":
            if not open_brackets or code[open_brackets[-1]] + sign not in ("()", "[]", "{}"):
                raise ValueError(f"line {_line(code, place)}: a {sign} that closes nothing")
            start = open_brackets.pop()
            if sign == "}" and (head := _head(code, start)) is not None:
                found.append(Function(_name(code, head), _line(code, head), _line(code, place)))
    if open_brackets:
        raise ValueError(f"line {_line(code, open_brackets[-1])}: a {code[open_brackets[-1]]} that nothing closes")
    return sorted(found, key=lambda function: function.first)


def without_text(source: str) -> str:
    """The source with blanks for comments, strings, templates and regular expressions; all lines stay where they are.

    Code inside a template's `${}` stays.
    """
    return "".join(_Reader(source).read())


def _line(code: str, place: int) -> int:
    return code.count("\n", 0, place) + 1


def _head(code: str, block: int) -> int | None:
    """Where the function begins whose body is this block; None where the block is none."""
    before = code[:block].rstrip()
    if before.endswith("=>"):
        return _start_of_arrow(before[:-2].rstrip())
    if not before.endswith(")"):
        return None
    opening = _opening(before)
    words = before[:opening].rstrip()
    name = re.search(r"[\w$#]+$|\]$", words)
    if name is None or name[0] in NO_FUNCTION:
        return None
    declared = re.search(r"(?:async\s+)?function\b\s*\*?\s*[\w$]*$", words)
    return declared.start() if declared else name.start()


def _start_of_arrow(before: str) -> int:
    if before.endswith(")"):
        return _opening(before)
    match = re.search(r"[\w$]+$", before)
    assert match is not None
    return match.start()


def _opening(before: str) -> int:
    """The place of the bracket that the last sign closes."""
    depth = 0
    for place in range(len(before) - 1, -1, -1):
        depth += (before[place] in ")]}") - (before[place] in "([{")
        if depth == 0:
            return place
    raise ValueError("a bracket that nothing opens")


def _name(code: str, head: int) -> str:
    declared = re.match(r"(?:async\s+)?function\b\s*\*?\s*([\w$]*)", code[head:])
    method = re.match(r"([\w$#]+)\s*\(", code[head:])
    if found := declared or method:
        return found[1]
    assigned = re.search(r"([\w$]+)\s*[=:]\s*(?:async\s*)?$", code[:head])
    return assigned[1] if assigned else ""


class _Reader:
    """Reads a source sign by sign and blanks what is no code."""

    def __init__(self, source: str) -> None:
        self.source, self.place, self.out = source, 0, list(source)

    def read(self) -> list[str]:
        self._code(until="")
        return self.out

    def _code(self, until: str) -> None:
        """Code up to the closing bracket of a template's `${`, or to the end."""
        depth = 0
        while self.place < len(self.source):
            sign = self.source[self.place]
            if self.source.startswith("//", self.place):
                self._blank(self._find("\n"))
            elif self.source.startswith("/*", self.place):
                self._blank(self._find("*/") + 2)
            elif sign in "\"'":
                self._blank(self._end_of_string(sign))
            elif sign == "`":
                self._template()
            elif sign == "/" and self._begins_regex():
                self._blank(self._end_of_regex())
            elif sign == until and depth == 0:
                return
            else:
                depth += (sign == "{") - (sign == "}")
                self.place += 1

    def _template(self) -> None:
        self._blank(self.place + 1)
        while self.place < len(self.source) and self.source[self.place] != "`":
            if self.source.startswith("${", self.place):
                self._blank(self.place + 2)
                self._code(until="}")
                self._blank(self.place + 1)
            else:
                self._blank(self.place + (2 if self.source[self.place] == "\\" else 1))
        self._blank(self.place + 1)

    def _blank(self, end: int) -> None:
        for place in range(self.place, min(end, len(self.source))):
            if self.source[place] != "\n":
                self.out[place] = " "
        self.place = end

    def _find(self, what: str) -> int:
        found = self.source.find(what, self.place)
        return len(self.source) if found < 0 else found

    def _end_of_string(self, quote: str) -> int:
        place = self.place + 1
        while place < len(self.source) and self.source[place] != quote:
            place += 2 if self.source[place] == "\\" else 1
        return place + 1

    def _end_of_regex(self) -> int:
        place, in_class = self.place + 1, False
        while self.source[place] != "/" or in_class:
            if self.source[place] == "\\":
                place += 1
            elif self.source[place] in "[]":
                in_class = self.source[place] == "["
            place += 1
        return place + 1

    def _begins_regex(self) -> bool:
        before = "".join(self.out[max(0, self.place - 200) : self.place]).rstrip()
        word = re.search(r"[A-Za-z_$][\w$]*$", before)
        if word:
            return word[0] in WORDS_BEFORE_REGEX
        return before[-1:] in BEFORE_REGEX
