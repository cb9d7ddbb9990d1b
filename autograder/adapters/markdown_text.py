"""Untrusted text as Markdown that stays text and stays in its place.

One rule covers CommonMark, GitHub's dialect, and dialects with mathematics, footnotes or emoji. A word that consists of letters,
digits and ordinary punctuation is written as it is. Every other word is set as code, because no dialect looks for markup in code,
and no site looks there for links, mentions or commit numbers. Everything is on one line.

Escaping would not be enough: GitHub looks for `@name`, `#12`, `www.` and `$` after it has removed the escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..reports import plain

# Every character outside of ASCII counts as a letter: all markup is ASCII.
_LETTERS = r"(?:[0-9A-Za-z]|[^\x00-\x7f])+"
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_CORE = rf"(?:{_NUMBER}|{_LETTERS}(?:[',/]{_LETTERS}|-(?![0-9]){_LETTERS})*)"
_TAIL = r"""["')%.,;:!?]"""
_PLAIN = re.compile(rf"""["'(]*{_CORE}{_TAIL}*""")
_MARKS = re.compile(rf"[-+=/]|\(|{_TAIL}+")
"""Punctuation by itself. It is plain inside a line, where it cannot start a list or a heading."""
_LIST_NUMBER = re.compile(r"[0-9]+[.)]")
_COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{7,}(?![0-9A-Za-z])")
_WORD = re.compile(r"(?:\[[^\[\]`]{0,200}\]|\{[^{}`]{0,200}\}|\S)+")
"""The text between spaces. Brackets and their contents are one word: `[0, 1]`."""

_Run = tuple[bool, str]
"""Whether it is code, and the text, including spaces."""


def words(text: str) -> str:
    """Text on one line, in which a backtick is just a backtick. "" stays "".

    Example:
        >>> words("axes [0, 1] of <b>amy@uni.edu</b>")
        'axes `[0, 1]` of `<b>amy@uni.edu</b>`'
    """
    return _markdown(_runs(plain.line(text), first=True))


def prose(text: str) -> str:
    """Sentences on one line, in which text between backticks is set as code. "" stays "".

    Example:
        >>> prose("Use `tf.pad`, not #12.")
        'Use `tf.pad`, not `#12`.'
    """
    runs: list[_Run] = []
    for number, piece in enumerate(plain.CODE.split(plain.line(text))):
        if number % 2:
            runs.append((True, piece))
        else:
            runs += _runs(piece, first=number == 0)
    return _markdown(runs)


def block(text: str) -> str:
    """Lines set as a block of code."""
    shown = plain.visible(text)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _runs(text: str, *, first: bool) -> Iterator[_Run]:
    """The words of a line and the spaces between them. `first`: whether the line begins the text."""
    end = 0
    for match in _WORD.finditer(text):
        if match.start() > end:
            yield False, text[end : match.start()]
        yield not _is_plain(match[0], first=first and end == 0), match[0]
        end = match.end()
    if end < len(text):
        yield False, text[end:]


def _is_plain(word: str, *, first: bool) -> bool:
    if first and (_MARKS.fullmatch(word) or _LIST_NUMBER.fullmatch(word)):
        return False
    return bool(_PLAIN.fullmatch(word) or _MARKS.fullmatch(word)) and not _COMMIT.search(word)


def _markdown(runs: list[_Run] | Iterator[_Run]) -> str:
    """The runs as Markdown; neighbouring pieces of code are joined."""
    joined: list[_Run] = []
    for code, text in runs:
        if code and joined and joined[-1][0]:
            joined[-1] = (True, joined[-1][1] + text)
        elif code and len(joined) > 1 and joined[-1][1] == " " and joined[-2][0]:
            joined[-2:] = [(True, f"{joined[-2][1]} {text}")]
        else:
            joined.append((code, text))
    return "".join(_code(text) if code else text for code, text in joined)


def _code(text: str) -> str:
    """Text set as code, except for the punctuation at its end.

    Pipes are outside of the code, as entities: parsers disagree on how to write a pipe in code in a table.
    """
    core = text.rstrip(".,;!?") or text
    pieces = (_fenced(piece) for piece in core.split("|"))
    return "&#124;".join(pieces) + text[len(core) :]


def _fenced(text: str) -> str:
    """Text between fences that are longer than any run of backticks in it."""
    if not text:
        return ""
    fence = "`" * (_longest_run(text) + 1)
    inside = f" {text} " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else text
    return f"{fence}{inside}{fence}"


def _longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max((len(run) for run in re.findall("`+", text)), default=0)
