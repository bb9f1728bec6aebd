"""Find the files to import: single files, folders and zips, each taken up only when its turn comes.

`kb` calls `find` with what the user named and hands each file on to the sandbox; `reader` opens Word files, which are
zips too, with the same checks. Nothing here unpacks to disk, follows a link out of a folder, trusts a size that a zip
declares, or looks into a document.
"""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import SEEK_END, BytesIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from procedures.errors import Invalid
from procedures.importers.reading import Refusal, SourceFile

_MB = 1_000_000

FILE_LIMIT = 50 * _MB
"""Ten times a long Word file with its pictures; a file is held in memory whole, and copied to the sandbox."""

ARCHIVE_LIMIT = 200 * _MB
"""A zip is read from disk piece by piece; one larger than all it may unpack to is no zip of documents."""

UNPACKED_LIMIT = 200 * _MB
"""Hundreds of pages with their pictures and forms stay well below."""

ENTRY_LIMIT = 2_000
"""A manual has hundreds of pages, and a picture or two for each."""

RATIO_LIMIT = 100
"""Pages and Word files shrink to a fifth or a thirtieth; a bomb shrinks to a thousandth."""

RATIO_FREE = 1 * _MB
"""Below this size even a bomb does no harm, and small files of blanks and repeats shrink very well."""

DIRECTORY_LIMIT = 1 * _MB
"""The list of 2,000 entries takes some 250 kB; `zipfile` reads it whole before it can be asked how long it is."""

_CHUNK = 1 << 16
_LOCAL_HEADER = 30
"""Bytes before an entry's name and content, at the least."""
_ZIP_MAGIC = {b"PK\3\4", b"PK\5\6"}
_DOCUMENT_PARTS = {"[Content_Types].xml", "mimetype"}
"""What Office and OpenDocument files have at their root, and zips of pages have not."""
_END = struct.Struct("<4s4H2LH")
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_DAMAGED = "It is a zip or Office file, and damaged. Make it again and try once more."
_HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Control characters, invisible and text-turning ones, halves of characters, line separators."""
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_Rules = tuple[tuple[Callable[[zipfile.ZipInfo], bool], str], ...]


def find(paths: Sequence[Path]) -> Iterator[SourceFile | Refusal]:
    """Find all files under the paths in a fixed order, and say of each one left out why.

    Raises `Invalid` at once, before anything is read, for a path that leads nowhere.
    """
    for path in paths:
        if not _exists(path):
            raise Invalid(f"There is no file or folder '{shown(str(path))}'. Check the name and try once more.")
    return (found for path in paths for found in (_in_folder(path) if _is_folder(path) else _in_file(path)))


def shown(name: str) -> str:
    """Make a name safe to show: characters that steer a terminal or turn text round become `�`."""
    return "".join("�" if unicodedata.category(letter) in _HARMFUL else letter for letter in name)


def open_archive(stream: BinaryIO) -> zipfile.ZipFile:
    """Open a zip or Office file whose entries, all together, are safe to unpack. Raises `Invalid` for any other."""
    size = _check_directory(stream)
    try:
        archive = zipfile.ZipFile(stream)
    except (*_DAMAGE, OSError) as error:
        raise Invalid(_DAMAGED) from error
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    if len(entries) > ENTRY_LIMIT:
        raise Invalid(f"It holds more than {ENTRY_LIMIT:,} files. Make several smaller zips of it.")
    if any(after.header_offset < _end(entry) for entry, after in pairwise(entries)) or any(
        _end(entry) > size for entry in entries
    ):
        raise Invalid("Its entries lie over one another, as only a zip made to do harm has them.")
    if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        raise Invalid(f"It unpacks to more than {_mb(UNPACKED_LIMIT)}. Make several smaller files of it.")
    return archive


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Unpack one entry of an opened archive into memory. Raises `Invalid` where that is unsafe or fails."""
    _refuse(entry, _PACKING_RULES)
    try:
        with archive.open(entry) as stream:
            # zipfile hands out no more than the declared size, which the rules have limited, and then compares the
            # checksum; but only small bites keep it from unpacking far more than that behind our back.
            return b"".join(iter(lambda: stream.read(_CHUNK), b""))
    except (*_DAMAGE, OSError) as error:
        raise Invalid(_DAMAGED) from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # it is there and may not be looked at: refused when its turn comes


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _in_folder(folder: Path) -> Iterator[SourceFile | Refusal]:
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            inside = _inside(path, folder)
        except Invalid as trouble:
            yield Refusal(shown(str(path)), str(trouble))
        except (OSError, RuntimeError) as trouble:  # a ring of links is a RuntimeError to pathlib
            yield Refusal(shown(str(path)), _cannot_open(trouble))
        else:
            if inside is None:
                yield from _in_file(path)
            else:
                waiting += inside


def _inside(path: Path, folder: Path) -> list[Path] | None:
    """List what is in a folder, last first; None for a file."""
    if path != folder:
        _check_place(path, folder)
    return sorted(path.iterdir(), reverse=True) if path.is_dir() else None


def _check_place(path: Path, folder: Path) -> None:
    if path.name.startswith("."):
        raise Invalid("It is hidden. Give it a name without a full stop in front if it belongs to the manual.")
    if not path.is_symlink():
        return
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Invalid("It is a link that leads out of the folder. Put the file itself there.")
    if path.is_dir():
        raise Invalid("It is a link to another folder here, whose files are read where they are.")


def _in_file(path: Path) -> Iterator[SourceFile | Refusal]:
    name = shown(str(path))
    try:
        size = _checked_size(path)
        with path.open("rb") as stream:
            if stream.read(4) in _ZIP_MAGIC and not _is_document(archive := open_archive(stream)):
                yield from _in_archive(name, archive)
            else:
                yield SourceFile(name, _whole(stream, size))
    except Invalid as trouble:
        yield Refusal(name, str(trouble))
    except OSError as trouble:
        yield Refusal(name, _cannot_open(trouble))


def _checked_size(path: Path) -> int:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        # Opening a pipe would wait for ever for somebody to write into it.
        raise Invalid("It is not a file but a pipe, a socket or a device.")
    if found.st_size > ARCHIVE_LIMIT:
        raise Invalid(f"It is larger than {_mb(ARCHIVE_LIMIT)}. Divide it into smaller ones.")
    return found.st_size


def _whole(stream: BinaryIO, size: int) -> bytes:
    stream.seek(0)
    content = b"" if size > FILE_LIMIT else stream.read(FILE_LIMIT + 1)
    if max(size, len(content)) > FILE_LIMIT:
        raise Invalid(f"It is larger than {_mb(FILE_LIMIT)}. Divide it into smaller ones, or shrink its pictures.")
    return content


def _in_archive(name: str, archive: zipfile.ZipFile) -> Iterator[SourceFile | Refusal]:
    seen: set[str] = set()
    for entry in archive.infolist():
        if entry.is_dir() and not entry.file_size:
            continue
        place = f"{name}/{shown(entry.orig_filename)}"
        try:
            _refuse(entry, _NAME_RULES)
            if entry.filename in seen:
                raise Invalid("The zip has another file of this name, which was taken.")
            seen.add(entry.filename)
            yield SourceFile(place, _document(unpack(archive, entry)))
        except Invalid as trouble:
            yield Refusal(place, str(trouble))


def _document(content: bytes) -> bytes:
    """Pass on what was unpacked unless it is a zip again."""
    if content[:4] in _ZIP_MAGIC and not _is_document(open_archive(BytesIO(content))):
        raise Invalid("It is a zip inside a zip. Unpack it and name its folder.")
    return content


def _is_document(archive: zipfile.ZipFile) -> bool:
    return not _DOCUMENT_PARTS.isdisjoint(archive.NameToInfo)


def _check_directory(stream: BinaryIO) -> int:
    """Check the list of entries before `zipfile` takes it into memory, and return the size of the archive."""
    size = stream.seek(0, SEEK_END)
    stream.seek(max(0, size - _END.size - 20 - (1 << 16)))
    tail = stream.read()
    stream.seek(0)
    last = len(tail) - _END.size
    # As zipfile does: the record stands at the very end, or before the comment.
    at = last if tail[last:].startswith(b"PK\5\6") and tail.endswith(b"\0\0") else tail.rfind(b"PK\5\6")
    if not 0 <= at <= last:
        raise Invalid(_DAMAGED)
    if tail[max(0, at - 20) : at].startswith(b"PK\6\7"):
        raise Invalid("It is in the form for zips of more than 4 GB. Make an ordinary zip of it.")
    _, _, _, _, _, directory, _, _ = _END.unpack_from(tail, at)
    if directory > DIRECTORY_LIMIT:
        raise Invalid(f"It holds more than {ENTRY_LIMIT:,} files. Make several smaller zips of it.")
    return size


def _end(entry: zipfile.ZipInfo) -> int:
    return entry.header_offset + _LOCAL_HEADER + entry.compress_size


def _refuse(entry: zipfile.ZipInfo, rules: _Rules) -> None:
    for broken, reason in rules:
        if broken(entry):
            raise Invalid(reason)


def _mode(entry: zipfile.ZipInfo) -> int:
    return stat.S_IFMT(entry.external_attr >> 16)


def _cannot_open(trouble: OSError | RuntimeError) -> str:
    why = getattr(trouble, "strerror", None) or "links in a ring"
    return f"It cannot be opened ({why}). Check that you may read it."


def _mb(size: int) -> str:
    return f"{size // _MB} MB"


# Names are judged as they stand in the zip: zipfile cuts `filename` at a NUL.
_NAME_RULES: _Rules = (
    (lambda entry: shown(entry.orig_filename) != entry.orig_filename, "Its name holds control characters."),
    (lambda entry: "\\" in entry.orig_filename, "Its name holds a backslash. Make the zip with another program."),
    (lambda entry: bool(re.match(r"/|[A-Za-z]:", entry.orig_filename)), "Its name leads to a place outside the zip."),
    (lambda entry: ".." in entry.orig_filename.split("/"), "Its name leads to a place outside the zip."),
    (lambda entry: _mode(entry) == stat.S_IFLNK, "It is a link to another file. Put the file itself into the zip."),
    (lambda entry: _mode(entry) not in {0, stat.S_IFREG, stat.S_IFDIR}, "It is not a file but a pipe or a device."),
    (lambda entry: any(part.startswith(".") for part in entry.filename.split("/")), "It is hidden, so left out."),
)

_PACKING_RULES: _Rules = (
    (lambda entry: bool(entry.flag_bits & _ENCRYPTED), "It is locked with a password. Make it again without one."),
    (
        # bzip2 and LZMA unpack a bite of any size into memory at once.
        lambda entry: entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED},
        "It is packed in an unusual way. Make an ordinary zip of it.",
    ),
    (lambda entry: entry.file_size > FILE_LIMIT, f"It unpacks to more than {_mb(FILE_LIMIT)}. Make several of it."),
    (
        lambda entry: entry.file_size > max(RATIO_FREE, RATIO_LIMIT * entry.compress_size),
        f"It unpacks to more than {RATIO_LIMIT} times its size, as only a file made to do harm does.",
    ),
)
