"""Makes untrusted text visible: every character has a shape, and none affects the text around it.

Names, messages and lines of code in a report come from submissions and may contain anything. Every output passes them through
this module first and then escapes what its own format gives a meaning.
"""

from __future__ import annotations

import re
import unicodedata

MAX_MARKS = 3
"""Combining marks per character: real scripts need no more, and a tall stack would cover the lines above."""

CODE = re.compile(r"`([^`\s](?:[^`]*[^`\s])?)`")
"""Code in a sentence, between backticks."""

_LINE_END = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Characters without a shape that Python calls printable: Unicode's Default_Ignorable_Code_Point, and the empty Braille cell."""


def visible(text: str) -> str:
    """Text in which every character is visible. Line endings become line feeds, other white space becomes a space.

    Control characters, characters that reverse the writing direction, invisible characters and lone surrogates
    become U+FFFD. No line is a command to a build server; see `harmless`.
    """
    if text.isascii() and text.isprintable():
        return harmless(text)
    shown: list[str] = []
    marks = 0
    for character in _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", _LINE_END.sub("\n", text)):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks > MAX_MARKS:
            continue
        if character.isprintable() or character == "\n":
            shown.append(character)
        else:
            shown.append(" " if character.isspace() else "\N{REPLACEMENT CHARACTER}")
    return harmless("".join(shown))


def line(text: str) -> str:
    """Visible text on one line, without spaces at its ends."""
    return harmless(" ".join(visible(text).split()))


def harmless(text: str) -> str:
    """Text in which no line is a command to a build server: a space is inserted into the command's prefix.

    GitHub's runner executes lines that begin with `::`, after white space, or contain `##[` anywhere. Azure Pipelines
    looks for `##vso[`, TeamCity for `##teamcity[`.

    Example:
        >>> harmless("x[::2]"), harmless("::add-mask::e"), harmless("a ##[group]")
        ('x[::2]', ': :add-mask::e', 'a ## [group]')
    """
    text = re.sub(r"((?:\A|[\r\n])\s*:)(?=:)", r"\1 ", text)
    return re.sub(r"(##\w*)(?=\[)", r"\1 ", text)
