"""The command line: what an editor, an operator or a script can ask, one command each.

`--json` prints one JSON document on standard output; everything else goes to standard error. The exit status is 0, 2
for what the user can mend and 1 for what is ours to mend. Only this module prints. `docs/commands.md` lists every
command, and a test holds it to that.
"""

import json
import sys
from collections.abc import Sequence
from datetime import date
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from index.evaluate import read_judgements
from kb import cli_desk, cli_people, contract, desk_shapes, shapes
from kb.access import Actor, Role
from kb.care import Check
from kb.console import AsJson, Data, Ref, aside, day_from, opened, output, print_answer, settings_from
from kb.days import in_words, read_day
from kb.service import KnowledgeBase
from kb.views import SearchView, SectionView
from procedures import sample
from procedures.errors import Fault, Invalid, KnowledgeBaseError, Mendable, NotFound

DISTRIBUTION = "pan-sussex-procedures"

app = typer.Typer(
    help="The Pan-Sussex procedures knowledge base: search, read, compare and look after the manual.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

On = Annotated[str | None, typer.Option(help="The text that applied on this day.")]
Seen = Annotated[str | None, typer.Option(help="The text this site showed on this day.")]


def main() -> None:
    """Run the command line and turn what went wrong into a sentence and an exit status."""
    try:
        app()
    except KnowledgeBaseError as error:
        aside.print(escape(str(error)), soft_wrap=True)
        sys.exit(2 if isinstance(error, Mendable) else 1)
    except OSError as error:
        where = f" '{error.filename}'" if error.filename else ""
        reason = (error.strerror or str(error)).lower()
        aside.print(
            escape(f"The computer refused{where}: {reason}. Check the name and who may use it."), soft_wrap=True
        )
        sys.exit(2)


def _print_version(asked: bool) -> None:
    if asked:
        output.print(version(DISTRIBUTION))
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    data: Data = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Read what stands before the command."""
    context.obj = data


@app.command()
def init(
    context: typer.Context,
    data: Data = None,
    load_sample: Annotated[bool, typer.Option("--sample", help="Load the sample manual.")] = False,
) -> None:
    """Make a new, empty manual, or one with the sample in it."""
    settings = settings_from(context, data)
    if settings.database.exists():
        raise Mendable(f"There is a manual in '{settings.data}' already. Use it, or name another folder with --data.")
    KnowledgeBase.make(settings, _load_sample if load_sample else lambda _: None)
    place = escape(str(settings.data))
    aside.print(f"The manual is ready in '{place}'. See it with: kb serve --data {place}", soft_wrap=True)


@app.command(context_settings={"ignore_unknown_options": True})  # so that -word excludes a word
def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(help="What to look for.")],
    data: Data = None,
    on: On = None,
    seen: Seen = None,
    without: Annotated[list[str] | None, typer.Option(help="A term not to look for under other words.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most results to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Search the manual."""
    with opened(context, data) as kb:
        view = kb.search(
            " ".join(query), on=day_from(on), seen=day_from(seen), without=frozenset(without or ()), limit=limit
        )
        print_answer(as_json, shapes.search(view), lambda: _print_search(view))


@app.command()
def show(
    context: typer.Context,
    reference: Ref,
    data: Data = None,
    on: On = None,
    seen: Seen = None,
    as_json: AsJson = False,
) -> None:
    """Show a section, one of its revisions or paragraphs, or a review."""
    with opened(context, data) as kb:
        target = kb.resolve(reference, on=day_from(on), seen=day_from(seen))
        if target.kind == "review":
            review = kb.review(target.key)
            print_answer(as_json, shapes.review(review), lambda: _print_trace(shapes.review_trace(review)))
            return
        view = kb.reach(target, on=day_from(on), seen=day_from(seen))
        if target.pid and not any(paragraph.pid == target.pid for paragraph in view.paragraphs):
            raise NotFound(f"Paragraph {target.pid} was not in the text of that day. See the section's history.")
        print_answer(as_json, shapes.section(view, target.pid), lambda: _print_section(view, target.pid))


@app.command()
def history(context: typer.Context, reference: Ref, data: Data = None, as_json: AsJson = False) -> None:
    """List every revision of a section."""
    with opened(context, data) as kb:
        shape = shapes.history(kb.history(kb.resolve(reference).key))
    print_answer(as_json, shape, lambda: _print_history(shape))


@app.command()
def compare(
    context: typer.Context,
    reference: Ref,
    older: Annotated[str, typer.Argument(metavar="FROM", help="A revision's number, or a day.")],
    newer: Annotated[str, typer.Argument(metavar="TO", help="A revision's number, or a day.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Compare two revisions of a section, paragraph by paragraph."""
    with opened(context, data) as kb:
        shape = shapes.comparison(kb.compare(kb.resolve(reference).key, _side(older), _side(newer)))
    print_answer(as_json, shape, lambda: _print_comparison(shape))


@app.command()
def trace(context: typer.Context, reference: Ref, data: Data = None, as_json: AsJson = False) -> None:
    """Follow a review to the paragraphs it changed, or a section to the reviews that changed it."""
    with opened(context, data) as kb:
        target = kb.resolve(reference)
        shape: contract.ReviewTrace | contract.SectionTrace
        if target.kind == "review":
            shape = shapes.review_trace(kb.review(target.key))
        else:
            shape = shapes.section_trace(target.key, kb.trace_section(target.key))
    print_answer(as_json, shape, lambda: _print_trace(shape))


@app.command()
def reindex(context: typer.Context, data: Data = None) -> None:
    """Make the search index again from the record."""
    with opened(context, data) as kb, aside.status("Making the search index again"):
        passages = kb.rebuild_index()
    aside.print(f"The search index was made again: {passages} passages.")


@app.command()
def check(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Check that the record is whole and the search index level with it."""
    try:
        with opened(context, data) as kb:
            found = kb.check()
    except Fault as error:
        found = Check(0, "", (str(error),))
    shape = desk_shapes.check(found)
    print_answer(as_json, shape, lambda: _print_check(shape))
    if found.problems:
        raise typer.Exit(1)


@app.command()
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Graded queries, one JSON object a line.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Score the search on graded queries."""
    try:
        judgements = read_judgements(file.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"The file '{file}' cannot be read. Check its name and that it is UTF-8 text.") from error
    except ValueError as error:
        raise Invalid(f"'{file}', {error}") from error
    with opened(context, data) as kb:
        report = kb.evaluate(judgements)
    shape = desk_shapes.evaluation(report)
    if not as_json:
        low, high = report.interval()
        aside.print(
            f"With other queries of these kinds the mean nDCG@10 would likely lie from {low:.3f} to {high:.3f}.",
            soft_wrap=True,
        )
    print_answer(as_json, shape, lambda: output.print_json(json.dumps(shape)))


@app.command()
def serve(
    context: typer.Context,
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on. [env: KB_HOST]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on. [env: KB_PORT]")] = None,
) -> None:
    """Serve the manual as a web site."""
    # The site is found by its registered name: it knows this package, and this package does not know it.
    (site,) = entry_points(group="kb.server", name="site")
    site.load()(settings_from(context, data, host=host, port=port))


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The new file to write.")],
    data: Data = None,
) -> None:
    """Copy the record to a file, and prove the copy good."""
    with opened(context, data) as kb:
        made = kb.backup(file)
    aside.print(f"'{file}' holds the record up to event {made.head}. Keep this hash elsewhere: {made.head_hash}")


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file made by kb backup.")],
    data: Data = None,
) -> None:
    """Put a backup in the place of the record, keeping what was there beside it."""
    settings = settings_from(context, data)
    done = KnowledgeBase.restore(settings, file)
    aside.print(f"The record stands at event {done.head} (before: {done.head_before}).")
    for words in done.rolled_back:
        aside.print(f"No longer in it: {escape(words)}")


def _load_sample(kb: KnowledgeBase) -> None:
    actor = Actor("kb init", frozenset({Role.ADMINISTRATOR}))
    with Progress(console=aside, disable=not aside.is_terminal) as progress:
        task = progress.add_task("Loading the sample manual", total=sample.steps())
        kb.load_sample(actor, lambda _: progress.advance(task))


def _side(typed: str) -> int | date:
    return int(typed) if typed.isdecimal() and len(typed) <= 6 else read_day(typed)


def _print_search(view: SearchView) -> None:
    for destination in view.destinations:
        name = " ".join(filter(None, (destination.number, destination.title)))
        output.print(f"[bold]→ {escape(name)}[/bold]  {escape(destination.why)}")
    for result in view.results:
        name = " ".join(filter(None, (result.number, result.title)))
        output.print(f"\n[bold]{escape(name)}[/bold] ({result.kind})")
        for hit in result.hits:
            output.print(f"  {hit.passage.number or ''} {escape(hit.passage.text)}")
    if view.did_you_mean:
        aside.print(f"Did you mean: {escape(view.did_you_mean)}")
    if not (view.destinations or view.results):
        aside.print(escape(view.notice or f"Nothing was found for “{view.query}”. Try fewer or other words."))


def _print_section(view: SectionView, pid: str | None) -> None:
    output.print(f"[bold]{escape(' '.join(filter(None, (view.number, view.title))))}[/bold]")
    start = view.period.start if view.period else view.revision.in_force_from
    output.print(f"Revision {view.revision.revision} of {view.revisions}, {view.status}, from {in_words(start)}")
    if view.revision.contact:
        output.print(f"Telephone {view.revision.contact.telephone}, open {view.revision.contact.opening_hours}")
    if view.revision.withdrawal_reason:
        output.print(
            escape(f"Withdrawn: {view.revision.withdrawal_reason} Use instead: {view.revision.successor or '-'}")
        )
    for paragraph in view.paragraphs:
        if pid in (None, paragraph.pid):
            output.print(f"\n{paragraph.number}  {escape(paragraph.text)}")


def _print_history(shape: contract.History) -> None:
    for entry in shape["revisions"]:
        name = " ".join(filter(None, (entry["number"], entry["title"])))
        output.print(f"{entry['revision']}  {entry['in_force_from']}  {entry['status']}  {escape(name)}")
        output.print(f"   {escape(entry['note'])}")


def _print_comparison(shape: contract.Comparison) -> None:
    for paragraph in shape["paragraphs"]:
        sides = [side for side in (paragraph["from"], paragraph["to"]) if side]
        numbers = " → ".join(dict.fromkeys(side["number"] for side in sides))
        output.print(f"{paragraph['change']:<10} {numbers}  {escape(sides[-1]['text'][:100])}")


def _print_trace(shape: contract.ReviewTrace | contract.SectionTrace) -> None:
    points: Sequence[contract.Traced] = shape["learning"]
    for point in points:
        output.print(f"[bold]{escape(point['text'])}[/bold]\n  {point['action']}, {point['status']}")
        for change in point["changes"]:
            paragraphs = ", ".join(change["paragraphs"]) or "the whole section"
            note = " (illustrative)" if point["illustrative"] else ""
            output.print(f"  {change['section']}@{change['revision']}: {paragraphs}{note}")


def _print_check(shape: desk_shapes.Shape) -> None:
    for problem in shape["problems"]:
        output.print(escape(problem))
    if shape["ok"]:
        output.print(f"All is well. The log stands at event {shape['head']}, hash {shape['head_hash']}.")


app.command("import")(cli_desk.import_documents)
app.command()(cli_desk.unreviewed)
app.command()(cli_desk.look)
app.command()(cli_desk.feedback)
app.command()(cli_desk.searches)
app.command()(cli_people.log)
app.add_typer(cli_desk.review, name="review")
app.add_typer(cli_people.user, name="user")
app.add_typer(cli_people.redact, name="redact")


if __name__ == "__main__":
    main()
