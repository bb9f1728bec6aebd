"""Finding the files to import: every one is found or named as left out, and no zip gets what it is after."""

import os
import socket
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest

from procedures.errors import Invalid
from procedures.importers.files import (
    ARCHIVE_LIMIT,
    ENTRY_LIMIT,
    FILE_LIMIT,
    UNPACKED_LIMIT,
    find,
    open_archive,
    shown,
    unpack,
)
from procedures.importers.reading import Refusal, SourceFile

PAGE = b"<p>Refer without delay.</p>"
DIRECTORY_RECORD = b"PK\1\2"
END_RECORD = b"PK\5\6"


def found(*paths: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """Find everything, as what was found and what was refused."""
    everything = list(find(paths))
    files = {item.name: item.content for item in everything if isinstance(item, SourceFile)}
    refused = {item.file: item.reason for item in everything if isinstance(item, Refusal)}
    assert len(files) + len(refused) == len(everything)
    return files, refused


def zipped(entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content, compress_type=method)
    return packed.getvalue()


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def sparse(path: Path, size: int, head: bytes = b"") -> Path:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


def repeated(archive: bytes, times: int) -> bytes:
    """Name the only entry of a zip many times over in its directory."""
    start, end = archive.index(DIRECTORY_RECORD), archive.rindex(END_RECORD)
    directory = archive[start:end] * times
    count = min(times, 0xFFFF)
    return (
        archive[:start] + directory + struct.pack("<4s4H2LH", END_RECORD, 0, 0, count, count, len(directory), start, 0)
    )


def declaring(archive: bytes, size: int) -> bytes:
    """Change the size that a zip of one entry declares in its directory."""
    place = archive.index(DIRECTORY_RECORD) + 24
    return archive[:place] + struct.pack("<L", size) + archive[place + 4 :]


# Files and folders


def test_a_file_is_found_by_the_name_it_was_given(tmp_path: Path) -> None:
    page = written(tmp_path / "8.14.html", PAGE)
    assert found(page) == ({str(page): PAGE}, {})


def test_a_folder_is_searched_to_the_bottom_in_a_fixed_order(tmp_path: Path) -> None:
    names = ["a/b/3.html", "a/1.html", "b.html", "a/2.html"]
    for name in names:
        written(tmp_path / name, PAGE)
    assert [item.name for item in find([tmp_path]) if isinstance(item, SourceFile)] == [
        str(tmp_path / name) for name in ["a/1.html", "a/2.html", "a/b/3.html", "b.html"]
    ]


def test_a_path_that_leads_nowhere_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"There is no file or folder '.*nowhere\.html'"):
        find([written(tmp_path / "page.html", PAGE), tmp_path / "nowhere.html"])


def test_a_file_is_read_only_when_its_turn_comes(tmp_path: Path) -> None:
    written(tmp_path / "1.html", PAGE)
    second = written(tmp_path / "2.html", b"before")
    files = find([tmp_path])
    next(files)
    second.write_bytes(b"after")
    assert next(files) == SourceFile(str(second), b"after")


def test_hidden_files_and_folders_are_left_out_and_named(tmp_path: Path) -> None:
    written(tmp_path / ".DS_Store", b"x")
    written(tmp_path / ".git/config", b"x")
    files, refused = found(tmp_path)
    assert not files
    assert {name: "hidden" in reason for name, reason in refused.items()} == {
        str(tmp_path / ".DS_Store"): True,
        str(tmp_path / ".git"): True,
    }


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = written(tmp_path / "elsewhere/secret.html", PAGE)
    folder = tmp_path / "manual"
    written(folder / "page.html", PAGE)
    (folder / "file.html").symlink_to(secret)
    (folder / "folder").symlink_to(secret.parent)
    files, refused = found(folder)
    assert list(files) == [str(folder / "page.html")]
    assert set(refused) == {str(folder / "file.html"), str(folder / "folder")}
    assert all("leads out of the folder" in reason for reason in refused.values())


def test_links_within_the_folder_never_lead_in_circles(tmp_path: Path) -> None:
    written(tmp_path / "page.html", PAGE)
    (tmp_path / "again.html").symlink_to(tmp_path / "page.html")
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    files, refused = found(tmp_path)
    assert set(files) == {str(tmp_path / "page.html"), str(tmp_path / "again.html")}
    assert set(refused) == {str(tmp_path / name) for name in ("broken", "circle", "ring")}


def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        files, refused = found(tmp_path)
    assert not files
    assert set(refused) == {str(tmp_path / "pipe"), str(tmp_path / "socket")}


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux has a file that nobody can read")
def test_a_file_that_cannot_be_read_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    page = written(tmp_path / "page.html", PAGE)
    files, refused = found(Path("/proc/self/mem"), page)
    assert list(files) == [str(page)]
    assert "cannot be opened" in refused["/proc/self/mem"]


@pytest.mark.parametrize("size", [FILE_LIMIT + 1, ARCHIVE_LIMIT, ARCHIVE_LIMIT + 1, 5_000_000_000])
def test_a_file_too_large_is_refused_without_being_read(size: int, tmp_path: Path) -> None:
    large = sparse(tmp_path / "large.html", size)
    tracemalloc.start()
    try:
        files, refused = found(large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not files
    assert "It is larger than" in refused[str(large)]
    assert peak < 2_000_000


def test_names_cannot_steer_the_terminal_or_turn_text_round(tmp_path: Path) -> None:
    written(tmp_path / "a\x1b[2Jb\u202ecod.exe\n.html", PAGE)
    (name,) = found(tmp_path)[0]
    assert name.endswith("a�[2Jb�cod.exe�.html")


def test_a_name_that_is_no_text_can_still_be_shown() -> None:
    assert shown(os.fsdecode(b"caf\xe9.html")).encode() == "caf�.html".encode()


# Zips


def test_a_zip_is_read_entry_by_entry_without_unpacking_to_disk(tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", zipped([("8/", b""), ("8/1.html", PAGE), ("2.html", b"two")]))
    before = sorted(tmp_path.rglob("*"))
    assert found(archive) == ({f"{archive}/8/1.html": PAGE, f"{archive}/2.html": b"two"}, {})
    assert sorted(tmp_path.rglob("*")) == before


def test_a_zip_is_known_by_its_content_and_a_word_file_is_none(tmp_path: Path) -> None:
    word = zipped([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>")])
    manual = written(tmp_path / "manual.bin", zipped([("1.docx", word)]))
    alone = written(tmp_path / "2.docx", word)
    assert found(tmp_path) == ({f"{manual}/1.docx": word, str(alone): word}, {})


TRICKS = {
    "../../etc/passwd": "outside",
    "a/../../b.html": "outside",
    "/etc/passwd": "outside",
    "C:/windows/system.ini": "outside",
    "c:evil.html": "outside",
    "..\\..\\evil.html": "backslash",
    "page.html\0.exe": "control",
    "evil\u202elmth.exe": "control",
    "evil\x1b[31m.html": "control",
    ".ssh/authorized_keys": "hidden",
    "__MACOSX/._page.html": "hidden",
}


def test_path_tricks_are_refused_one_by_one_and_the_rest_goes_on(tmp_path: Path) -> None:
    archive = written(
        tmp_path / "manual.zip",
        # `writestr` itself cuts names at NUL and so on; what stands in the zip is written afterwards.
        zipped([("first.html", PAGE), *((named(trick), PAGE) for trick in TRICKS), ("last.html", PAGE)]),
    )
    files, refused = found(archive)
    assert list(files) == [f"{archive}/first.html", f"{archive}/last.html"]
    assert len(refused) == len(TRICKS)
    for trick, why in TRICKS.items():
        assert why in refused[f"{archive}/{shown(trick)}"]


def named(name: str, mode: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("x")
    entry.filename = name
    entry.external_attr = mode << 16
    return entry


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip_are_refused(mode: int, tmp_path: Path) -> None:
    entries = [(named("passwd.html", mode | 0o777), b"/etc/passwd"), (named("page.html", stat.S_IFREG), PAGE)]
    archive = written(tmp_path / "manual.zip", zipped(entries))
    files, refused = found(archive)
    assert (list(files), list(refused)) == ([f"{archive}/page.html"], [f"{archive}/passwd.html"])


def test_a_zip_in_a_zip_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    inner = zipped([("page.html", PAGE)])
    archive = written(tmp_path / "manual.zip", zipped([("inner.html", inner), ("page.html", PAGE)]))
    files, refused = found(archive)
    assert list(files) == [f"{archive}/page.html"]
    assert "zip inside a zip" in refused[f"{archive}/inner.html"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_in_a_zip_are_not_taken_for_one(tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", zipped([("page.html", PAGE), ("page.html", b"other")]))
    files, refused = found(archive)
    assert files == {f"{archive}/page.html": PAGE}
    assert "another file of this name" in refused[f"{archive}/page.html"]


def test_locked_entries_are_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped([("page.html", PAGE)]))
    packed[6] |= 1
    packed[packed.index(DIRECTORY_RECORD) + 8] |= 1
    archive = written(tmp_path / "manual.zip", bytes(packed))
    assert "password" in found(archive)[1][f"{archive}/page.html"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_cannot_be_unpacked_in_small_bites_is_refused(method: int, tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", zipped([("page.html", PAGE * 1000)], method))
    assert "unusual way" in found(archive)[1][f"{archive}/page.html"]


def test_an_entry_that_unpacks_out_of_all_proportion_is_refused(tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", zipped([("bomb.html", bytes(20_000_000)), ("page.html", PAGE)]))
    files, refused = found(archive)
    assert list(files) == [f"{archive}/page.html"]
    assert "100 times its size" in refused[f"{archive}/bomb.html"]


def test_a_small_file_may_pack_as_well_as_it_likes(tmp_path: Path) -> None:
    blanks = b" " * 900_000
    archive = written(tmp_path / "manual.zip", zipped([("blanks.html", blanks)]))
    assert found(archive)[0] == {f"{archive}/blanks.html": blanks}


def test_a_zip_that_unpacks_to_too_much_in_all_is_refused_whole(tmp_path: Path) -> None:
    part = bytes(UNPACKED_LIMIT // 5 + 1)
    archive = written(tmp_path / "manual.zip", zipped((f"{number}.html", part) for number in range(5)))
    assert "unpacks to more than 200 MB" in found(archive)[1][str(archive)]


def test_a_zip_of_too_many_files_is_refused_whole(tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", zipped((f"{n}.html", b"") for n in range(ENTRY_LIMIT + 1)))
    assert "more than 2,000 files" in found(archive)[1][str(archive)]


def test_a_zip_of_a_million_entries_is_refused_before_its_list_is_read(tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", repeated(zipped([("page.html", PAGE)]), 1_000_000))
    tracemalloc.start()
    try:
        _, refused = found(archive)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "more than 2,000 files" in refused[str(archive)]
    assert peak < 2_000_000


def test_entries_that_share_their_bytes_are_refused_whole(tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", repeated(zipped([("page.html", bytes(900_000))]), 1_000))
    assert "over one another" in found(archive)[1][str(archive)]


@pytest.mark.parametrize("declared", [0, 10, 900_000])
def test_a_declared_size_is_not_believed(declared: int) -> None:
    archive = open_archive(BytesIO(declaring(zipped([("bomb.html", bytes(30_000_000))]), declared)))
    tracemalloc.start()
    try:
        with pytest.raises(Invalid, match="damaged"):
            unpack(archive, archive.infolist()[0])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize("content", [b"PK\3\4", b"PK\5\6" + bytes(18), b"PK\3\4 and so on" * 99, b"PK\5\6" * 30])
def test_a_damaged_zip_is_refused_or_empty(content: bytes, tmp_path: Path) -> None:
    archive = written(tmp_path / "manual.zip", content)
    files, refused = found(archive)
    assert not files
    assert set(refused) <= {str(archive)}


def test_a_zip_cut_short_or_with_any_byte_changed_never_stops_the_import(tmp_path: Path) -> None:
    whole = zipped([("1.html", PAGE), ("2.html", PAGE * 9)])
    page = written(tmp_path / "page.html", PAGE)
    for place in range(len(whole)):
        for broken in (whole[:place], whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]):
            archive = written(tmp_path / "manual.zip", broken)
            assert str(page) in found(archive, page)[0]


def test_a_zip_for_more_than_4_gb_is_refused(tmp_path: Path) -> None:
    packed = zipped([("page.html", PAGE)])
    end = packed.rindex(END_RECORD)
    archive = written(tmp_path / "manual.zip", packed[:end] + b"PK\6\7" + bytes(16) + packed[end:])
    assert "4 GB" in found(archive)[1][str(archive)]
