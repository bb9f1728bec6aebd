"""What the site serves as its looks: no font and no crest that are reserved for GOV.UK."""

import gzip
import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
BUILT = WEB / "static" / "built"
HEAVIEST = 20_000  # bytes of style sheet on the wire, for the first page on a poor signal


@pytest.fixture(scope="module")
def manifest() -> dict[str, str]:
    files: dict[str, str] = json.loads((BUILT / "manifest.json").read_text("utf-8"))["files"]
    return files


def test_the_manifest_names_what_is_there(manifest: dict[str, str]) -> None:
    there = {path.name for path in BUILT.iterdir()} - {"manifest.json"}
    assert set(manifest) == there
    assert {"site.css", "accessible-autocomplete.min.js"} <= there


@pytest.mark.parametrize("reserved", ["@font-face", "GDS Transport", "crest"])
def test_no_style_sheet_holds_what_is_reserved(reserved: str, manifest: dict[str, str]) -> None:
    sheets = [name for name in manifest if name.endswith(".css")]
    found = [name for name in sheets if reserved.lower() in (BUILT / name).read_text("utf-8").lower()]
    assert found == []


def test_styles_ask_no_other_file() -> None:
    assert "url(" not in (BUILT / "site.css").read_text("utf-8").replace("url(data:", "")


def test_the_style_sheet_stays_light() -> None:
    assert len(gzip.compress((BUILT / "site.css").read_bytes())) < HEAVIEST


def test_every_component_a_page_uses_has_its_styles() -> None:
    pages = "".join(path.read_text("utf-8") for path in (WEB / "templates").rglob("*.html"))
    components = {name.replace("_", "-") for name in re.findall(r"govuk\.(\w+)\(", pages)}
    components |= set(re.findall(r"\bgovuk-([a-z]+(?:-[a-z]+)*)(?=[ _\"'])", pages))
    sheet = (BUILT / "site.css").read_text("utf-8")
    assert len(components) > 20
    assert {name for name in components if f".govuk-{name}" not in sheet} == set()
