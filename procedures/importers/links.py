"""Where the links of saved pages lead: which of the pages read, or read before, an address means.

`kb.imports` tells it every name each section may be linked by and asks it about links. It opens nothing and follows
nothing; an address that cannot be read as one leads nowhere.
"""

import posixpath
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit

_PAGE_CODE = re.compile(r"[ypqzhlstox]+k[ypqzhlstox]+")
"""How one product writes a chapter and a page into its addresses: letters for digits, k between the two."""


class PageLinks:
    """The sections that links may mean, by every name they are known under."""

    def __init__(self) -> None:
        """Know no section yet."""
        self._files: dict[str, str] = {}
        self._urls: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._hosts: set[str] = set()

    def add(self, key: str, addresses: Iterable[str]) -> None:
        """Make a section known by the names its page has: its file, its address, its page code."""
        for address in addresses:
            parts = _split(address)
            if parts is None or not (parts.netloc or parts.path.strip("/")):
                continue
            path = unquote(parts.path).casefold()
            if parts.netloc:
                self._hosts.add(parts.netloc.casefold())
            if parts.netloc or path.startswith("/"):
                self._urls[path.rstrip("/")] = key
            else:
                self._files[posixpath.normpath(path)] = key
            self._codes.update((part, key) for part in path.split("/") if _PAGE_CODE.fullmatch(part))

    def section(self, file: str, href: str) -> str | None:
        """Return the key of the section a link in `file` means, None where it means none."""
        parts = _split(href)
        if parts is None or not parts.path.strip("/") or (parts.netloc and parts.netloc.casefold() not in self._hosts):
            return None
        path = unquote(parts.path).casefold()
        exact = self._urls.get(path.rstrip("/")) if parts.netloc or path.startswith("/") else self._file(file, href)
        codes = (self._codes[part] for part in path.split("/") if part in self._codes)
        return exact or next(codes, None)

    def _file(self, file: str, href: str) -> str | None:
        """Find a page beside the linking one; or, where names alone were kept, the only page of that name."""
        found = self._files.get(beside(file, href))
        named = {key for path, key in self._files.items() if posixpath.basename(path) == last_part(href)}
        return found or (named.pop() if len(named) == 1 and "/" not in href else None)


def beside(file: str, href: str) -> str:
    """Return the path a relative link in a file leads to, in small letters."""
    parts = _split(href)
    path = unquote(parts.path) if parts else ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path)).casefold()


def last_part(address: str) -> str:
    """Return the last part of an address's path, in small letters."""
    parts = _split(address)
    return unquote(parts.path).rstrip("/").rpartition("/")[2].casefold() if parts else ""


def scheme_of(address: str) -> str:
    """Return the scheme of an address, empty where there is none or it cannot be read."""
    parts = _split(address)
    return parts.scheme.lower() if parts else ""


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None  # such as http://[half a bracket
