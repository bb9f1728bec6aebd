"""Text in plain letters, so that the same words are found however they are marked up, spaced or capitalised.

`kb.redaction` finds with it what must be found; `kb.search` and `kb.desk` compare names by it. Nothing here is shown.
"""

import html
import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

_INSIDE_WORDS = re.compile(r"</?(?:a|abbr|em|strong|sub|sup)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_NO_LETTER = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Reduce a text to its letters and digits, in small letters, one space between words."""
    return _NO_LETTER.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def holds(text: str, wanted: Collection[str]) -> bool:
    """Say whether a plain text has any of these plain words, as whole words."""
    return any(f" {words} " in f" {text} " for words in wanted if words)


def haystack(stored: str) -> str:
    """Read everything a stored text (plain, HTML, or JSON with either) could be found by, in plain letters."""
    texts = [html.unescape(text) for text in _strings(stored)]
    without_tags = (_TAG.sub(" ", _INSIDE_WORDS.sub("", text)) for text in texts)
    return " ".join(plain(text) for text in (*without_tags, *texts))


def _strings(stored: str) -> Iterator[str]:
    if stored[:1] not in ("{", "["):
        yield stored
        return
    try:
        yield from _leaves(json.loads(stored))
    except (ValueError, RecursionError):
        yield stored


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
