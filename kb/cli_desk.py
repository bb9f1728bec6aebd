"""The commands of the editors' desk: bring documents in, look at what an import published, decide on proposed reviews.

`cli` registers them. They are apart because they act in somebody's name: each takes `--by`.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kb import desk_shapes
from kb.access import Actor, Role
from kb.console import AsJson, Data, Ref, aside, opened, output, print_answer
from kb.days import read_day
from kb.imports import Release
from procedures.errors import Invalid

By = Annotated[str, typer.Option("--by", help="The name the log will carry.")]
Key = Annotated[str, typer.Argument(help="The key of a proposed review.")]

review = typer.Typer(help="Decide on the reviews that imported documents propose.", no_args_is_help=True)


def import_documents(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or zips: pages, Word files, reviews.")],
    data: Data = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish at once, as not reviewed. Else: drafts.")] = False,
    in_force_from: Annotated[str | None, typer.Option(help="With --publish: the day the text applies from.")] = None,
    by: By = "import",
    note: Annotated[str | None, typer.Option(help="With --publish: what changed for the reader.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring in pages, Word files and reviews: sections as drafts or published, reviews for a person to decide on."""
    if not publish and (in_force_from or note):
        raise Invalid("--in-force-from and --note belong to --publish. Add it, or leave them out.")
    release = _release(in_force_from, by, note) if publish else None
    with opened(context, data) as kb, _progress() as progress:
        task = progress.add_task("Reading", total=None)
        done = kb.import_documents(
            _editor(by),
            paths,
            release,
            lambda name: progress.update(task, advance=1, description=escape(name[-60:])),
        )
    shape = desk_shapes.imported(done)
    print_answer(as_json, shape, lambda: _print_import(shape))
    if done.refused and not (done.sections or done.reviews):
        raise typer.Exit(2)


def unreviewed(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """List the texts published by import that no approver has looked at."""
    with opened(context, data) as kb:
        shape = desk_shapes.unreviewed(kb.unreviewed())
    print_answer(as_json, shape, lambda: _print_unreviewed(shape))


def look(context: typer.Context, reference: Ref, by: By, data: Data = None) -> None:
    """Record that you, an approver, have looked at KEY@N, a text published by import."""
    with opened(context, data) as kb:
        target = kb.resolve(reference)
        if target.revision is None:
            raise Invalid("Name the revision you have looked at, like brue@3. List those that wait with: kb unreviewed")
        kb.look(_somebody(by, Role.APPROVER), target.key, target.revision)
    aside.print(f"{target.key}@{target.revision} counts as looked at by {escape(by)}.")


def feedback(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """List what readers have said about pages, newest first."""
    with opened(context, data) as kb:
        shape = desk_shapes.feedback(kb.feedback())
    print_answer(as_json, shape, lambda: _print_feedback(shape))


def searches(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """List what readers searched for in vain, and what was decided, the most frequent first."""
    with opened(context, data) as kb:
        shape = desk_shapes.searches(kb.searches.listed(_somebody("kb searches", Role.AUDITOR)))
    print_answer(as_json, shape, lambda: _print_searches(shape))


@review.command("list")
def list_reviews(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """List the reviews that documents have proposed."""
    with opened(context, data) as kb:
        shape = desk_shapes.proposed_reviews(kb.proposed_reviews())
    print_answer(as_json, shape, lambda: _print_proposed(shape))


@review.command("show")
def show_review(context: typer.Context, key: Key, data: Data = None, as_json: AsJson = False) -> None:
    """Show a proposed review: each fact with the sentence it came from."""
    with opened(context, data) as kb:
        shape = desk_shapes.proposed_review(kb.proposed_review(key))
    print_answer(as_json, shape, lambda: _print_evidence(shape))


@review.command()
def accept(
    context: typer.Context,
    key: Key,
    by: By,
    data: Data = None,
    into: Annotated[str | None, typer.Option(help="Add it to this recorded review.")] = None,
    new: Annotated[bool, typer.Option("--new", help="It is another review than the recorded one of its name.")] = False,
) -> None:
    """Record a proposed review, alone or added to a recorded one."""
    with opened(context, data) as kb:
        recorded = kb.accept_review(_editor(by), key, into, new=new)
    aside.print(f"The review '{recorded.key}' is recorded. See it with: kb trace {recorded.key}")


@review.command()
def reject(context: typer.Context, key: Key, by: By, data: Data = None) -> None:
    """Decide that a proposed review is not to be recorded."""
    with opened(context, data) as kb:
        kb.reject_review(_editor(by), key)
    aside.print(f"The proposed review '{key}' is rejected.")


def _editor(name: str) -> Actor:
    return _somebody(name, Role.AUTHOR)


def _somebody(name: str, role: Role) -> Actor:
    if not name.strip():
        raise Invalid("The log needs a name. Say who you are with --by.")
    return Actor(name.strip(), frozenset({role}))


def _release(in_force_from: str | None, by: str, note: str | None) -> Release:
    if in_force_from is None or note is None or by == "import":
        raise Invalid("To publish, say from which day, who you are and what changed: --in-force-from, --by and --note.")
    return Release(read_day(in_force_from), by, note)


def _progress() -> Progress:
    told = (TextColumn("{task.completed} read"), TextColumn("{task.description}"))
    return Progress(SpinnerColumn(), *told, TimeElapsedColumn(), console=aside, disable=not aside.is_terminal)


def _print_import(shape: desk_shapes.Shape) -> None:
    for section in shape["sections"]:
        name = " ".join(filter(None, (section["number"], section["title"])))
        paragraphs = f"{len(section['paragraphs'])} paragraphs"
        output.print(f"{section['outcome']:<10} {escape(name)} ({section['key']}), {paragraphs}")
    for proposed in shape["reviews"]:
        output.print(f"proposed   {escape(proposed['name'])}: kb review show {proposed['key']}")
    for left in shape["unplaced"]:
        output.print(f"unplaced   {escape(left['file'])}: {escape(left['text'][:100])}")
    for refused in shape["refused"]:
        output.print(f"refused    {escape(refused['file'])}: {escape(refused['reason'])}")


def _print_unreviewed(shape: desk_shapes.Shape) -> None:
    for entry in shape["unreviewed"]:
        output.print(f"{entry['key']}@{entry['revision']}  {entry['published_at'][:10]}  {escape(entry['title'])}")
    if not shape["unreviewed"]:
        output.print("Every text published by import has been looked at.")


def _print_feedback(shape: desk_shapes.Shape) -> None:
    for each in shape["feedback"]:
        place = f"{each['section']}@{each['revision']}{' ' + each['pid'] if each['pid'] else ''}"
        output.print(f"{each['day']}  {place}  {'useful' if each['useful'] else each['reason']}")
        if each["words"]:
            output.print(f"   {escape(each['words'])}")
    if not shape["feedback"]:
        output.print("No reader has said anything in the last 400 days.")


def _print_searches(shape: desk_shapes.Shape) -> None:
    for each in shape["searches"]:
        times = each["not_found"] + each["not_opened"]
        output.print(f"{times:>4}  {each['last']}  {each['state']:<12}  {escape(each['words'])}")
    if not shape["searches"]:
        output.print("No search has led nowhere in the last 400 days.")


def _print_proposed(shape: desk_shapes.Shape) -> None:
    for entry in shape["reviews"]:
        known = f" (may be {', '.join(entry['known'])})" if entry["known"] else ""
        output.print(f"{entry['status']:<9} {entry['key']}  {escape(entry['name'])}{known}")
    if not shape["reviews"]:
        output.print("No document has proposed a review. Bring one in with: kb import FILE")


def _print_evidence(shape: desk_shapes.Shape) -> None:
    output.print(f"[bold]{escape(shape['name'])}[/bold], {escape(shape['partnership'])} ({shape['status']})")
    for each in shape["evidence"]:
        output.print(f"{each['field']}: {escape(each['value'])}\n  “{escape(each['sentence'])}”")
    if shape["known"]:
        output.print(f"It may be a recorded review: {', '.join(shape['known'])}")
