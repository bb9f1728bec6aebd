"""The documents name every command and every setting there is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from kb.cli import app
from kb.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def commands(command: Any, name: str = "kb") -> Iterator[tuple[str, Any]]:
    """Walk the tree of commands: `kb search`, `kb user add`, ..."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield name, command
    for word, child in inner.items():
        yield from commands(child, f"{name} {word}")


ALL_COMMANDS = dict(commands(typer.main.get_command(app)))
ALL_SETTINGS = {
    f"{Settings.model_config.get('env_prefix', '')}{name}".upper(): field
    for name, field in Settings.model_fields.items()
}


def test_every_command_is_documented() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    missing = [name for name in ALL_COMMANDS if not re.search(rf"\b{re.escape(name)}\b", text)]
    assert missing == []


def test_every_command_has_help() -> None:
    assert [name for name, command in ALL_COMMANDS.items() if not command.help] == []


def test_every_setting_is_documented() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert [name for name in ALL_SETTINGS if not re.search(rf"\b{name}\b", text)] == []


def test_every_setting_says_what_it_sets() -> None:
    assert [name for name, field in ALL_SETTINGS.items() if not field.description] == []


def test_no_document_names_a_setting_that_is_gone() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bKB_[A-Z_]+\b", text)) - {*ALL_SETTINGS, "KB_CHROMIUM"} == set()


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in [*DOCS.parent.glob("*.md"), *DOCS.rglob("*.md")]:
        links = re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
        local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
        broken += [(document.name, link) for link in local if not (document.parent / link).exists()]
    assert broken == []
