"""What the commands share: their common options, opening the manual, and how an answer is printed.

`cli` and `cli_desk` use it. Answers go to standard output, everything said beside them to standard error.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from kb.days import read_day
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.errors import Invalid

aside = Console(stderr=True, highlight=False)
output = Console(highlight=False, soft_wrap=True)

Data = Annotated[Path | None, typer.Option("--data", help="The data folder. [env: KB_DATA; default: var]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Ref = Annotated[str, typer.Argument(help="A key, a number, a paragraph id, a review's key, or KEY@N.")]


def settings_from(context: typer.Context, data: Path | None, **given: Any) -> Settings:
    """Join what was typed with the environment's settings. Raises `Invalid`."""
    chosen = {"data": data or context.obj, **given}
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "KB_" + "_".join(str(part) for part in first["loc"]).upper()
        raise Invalid(f"The setting {name} cannot be used: {first['msg']}. Change it or leave it out.") from error


def opened(context: typer.Context, data: Path | None) -> KnowledgeBase:
    """Open the manual, saying so where its index had to be made again."""
    kb = KnowledgeBase.open(settings_from(context, data))
    if kb.index_was_rebuilt:
        aside.print("The search index was missing or damaged and has been made again from the record.")
    return kb


def day_from(typed: str | None) -> date | None:
    """Read an optional day. Raises `Invalid`."""
    return read_day(typed) if typed is not None else None


def print_answer(as_json: bool, shape: Mapping[str, object], in_plain_words: Callable[[], None]) -> None:
    """Print an answer as one JSON document, or in plain words."""
    if as_json:
        typer.echo(json.dumps(shape, ensure_ascii=False, indent=2))
    else:
        in_plain_words()
