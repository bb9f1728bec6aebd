"""A run of text between two breaks, gathered piece by piece as clean inline HTML and as plain text.

`flow` writes into one `Run` at a time. Each element that wraps words is opened only when words follow, so that no empty
element is ever written and what is unclosed in the source is closed here.
"""

import re
from collections.abc import Callable
from html import escape

NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,3}){1,4}\.?")
"""A printed number of two to five parts: 8.14, 8.14.6, 15.6.6.1."""

_EDGES = re.compile(r"^(?:\s|<br>)+|(?:\s|<br>)+$")

Leave = Callable[[], None]
"""What is to be done when an element has been walked."""


class Run:
    """The run of text being gathered; `wanted` elements go around what is written next."""

    def __init__(self) -> None:
        self._wanted: list[tuple[str, str]] = []
        self._begin()

    def _begin(self) -> None:
        self._html: list[str] = []
        self._text: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._strong = False
        self._bold = self._plain = 0
        self._numbered = False

    def write(self, text: str) -> None:
        """Take in words, spaces collapsed."""
        if not text:
            return
        if self._open != self._wanted:
            self._rewrap()
        if self._numbered and text[0] != " ":
            self._space()
        self._numbered = False
        self._html.append(escape(text, quote=False))
        self._text.append(text)
        if self._strong:
            self._bold += len(text)
        elif text != " ":
            self._plain += len(text)

    def space(self) -> None:
        """Take in a space, if words came before it."""
        if self._text and self._text[-1] not in {" ", "\n"}:
            self._space()

    def line_break(self) -> None:
        """Take in a break, if words came before it."""
        if self._text and self._text[-1] != "\n":
            self._html.append("<br>")
            self._text.append("\n")

    def wrap(self, name: str, opening: str) -> Leave:
        """Wrap what follows; each kind once, since strong in strong says nothing more."""
        if any(name == wanted for wanted, _ in self._wanted):
            return self.leave
        wrapper = (name, opening)
        self._wanted.append(wrapper)

        def done() -> None:
            self.leave()
            self._wanted.remove(wrapper)

        return done

    def leave(self) -> None:
        """Note that a number may end here: two spans side by side have no space between number and words."""
        if 0 < len(self._text) < 4 and NUMBER.fullmatch("".join(self._text).strip()):
            self._numbered = True

    def end(self) -> tuple[str, str, bool] | None:
        """End the run: its HTML, its text, and whether all of it is bold; None where it has no words."""
        if not self._text:
            return None
        text = tidy("".join(self._text))
        self._html.extend(f"</{name}>" for name, _ in reversed(self._open))
        html = _EDGES.sub("", "".join(self._html))
        bold = self._bold > 0 and not self._plain
        self._begin()
        return (html, text, bold) if text else None

    def _space(self) -> None:
        self._html.append(" ")
        self._text.append(" ")

    def _rewrap(self) -> None:
        kept = 0
        for old, new in zip(self._open, self._wanted, strict=False):
            if old is not new:
                break
            kept += 1
        self._html.extend(f"</{name}>" for name, _ in reversed(self._open[kept:]))
        self._html.extend(opening for _, opening in self._wanted[kept:])
        self._open = list(self._wanted)
        self._strong = any(name == "strong" for name, _ in self._open)


def tidy(text: str) -> str:
    """Collapse spaces; a line for each line of the source that was broken on purpose."""
    return "\n".join(line for line in (" ".join(part.split()) for part in text.split("\n")) if line)
