"""The command line: the JSON that scripts rely on, one sentence for what went wrong, and nothing changed then."""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from kb.cli import DISTRIBUTION, main

CHILD_S = "west-sussex-2016-child-s"
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
KB = Path(sys.executable).with_name("kb")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a copy of the sample, in this process."""
    monkeypatch.setenv("KB_DATA", str(folder))

    def ended(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["kb", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        told = capsys.readouterr()
        return Ended(int(stopped.value.code or 0), told.out, told.err)

    return ended


def answer(run: Run, *words: str) -> Any:
    """Give what a command prints with `--json`: one document, and nothing else anywhere."""
    ended = run(*words, "--json")
    assert ended.status == 0, ended.err
    assert ended.err == ""
    return ended.json


def state(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.name.endswith("-shm")}


# The shapes


def test_search_prints_what_was_understood_and_found(run: Run) -> None:
    found = answer(run, "search", "ALTE")
    assert list(found) == [
        "query", "on", "seen", "total", "destinations", "results", "did_you_mean", "expanded",
    ]  # fmt: skip
    assert (found["query"], found["seen"], found["did_you_mean"]) == ("ALTE", None, None)
    assert ISO_DAY.fullmatch(found["on"])
    (destination,) = found["destinations"]
    assert list(destination) == ["kind", "key", "number", "title", "url", "why"]
    assert (destination["kind"], destination["key"], destination["number"]) == ("section", "brue", "8.38")
    assert destination["url"] == "/sections/brue"
    assert destination["why"].endswith(".")
    assert found["total"] >= len(found["results"]) > 0
    for result in found["results"]:
        assert list(result) == ["kind", "key", "number", "title", "url", "passages"]
        assert result["kind"] in {"section", "review", "contact", "term"}
        assert result["passages"]
        for passage in result["passages"]:
            assert list(passage) == ["pid", "number", "text"]
            assert passage["text"]
    assert {e["term"] for e in found["expanded"]} == {"ALTE"}
    assert all(list(e) == ["term", "sense"] for e in found["expanded"])


def test_search_takes_days_a_limit_and_terms_not_to_expand(run: Run) -> None:
    assert len(answer(run, "search", "child", "--limit", "2")["results"]) == 2
    then = answer(run, "search", "8.36", "--on", "1 January 2019")
    assert (then["on"], then["destinations"][0]["url"]) == ("2019-01-01", "/sections/brue?on=2019-01-01")
    seen = answer(run, "search", "BRUE", "--seen", "2019-01-01")
    assert seen["seen"] == "2019-01-01"
    assert seen["results"][0]["url"] == "/sections/brue?seen=2019-01-01"
    assert answer(run, "search", "ALTE", "--without", "ALTE")["expanded"] == []
    assert answer(run, "search", "brusing")["did_you_mean"] == "bruising"


def test_show_prints_a_section_with_its_dates_paragraphs_and_learning(run: Run) -> None:
    shown = answer(run, "show", "brue")
    assert list(shown) == [
        "key", "kind", "number", "title", "status", "revision", "in_force_from", "in_force_to", "published_at",
        "reviewed_on", "review_due", "successor", "paragraphs", "learning",
    ]  # fmt: skip
    assert {k: v for k, v in shown.items() if k not in {"paragraphs", "learning"}} == {
        "key": "brue",
        "kind": "procedure",
        "number": "8.38",
        "title": "Brief Resolved Unexpected Event (BRUE)",
        "status": "in force",
        "revision": 4,
        "in_force_from": "2024-09-02",
        "in_force_to": None,
        "published_at": "2024-08-27T08:30:00+00:00",
        "reviewed_on": "2024-08-12",
        "review_due": "2027-08-31",
        "successor": None,
    }
    assert all(list(p) == ["pid", "number", "heading", "text"] for p in shown["paragraphs"])
    assert [p["number"] for p in shown["paragraphs"]] == [f"8.38.{n + 1}" for n in range(len(shown["paragraphs"]))]
    assert shown["paragraphs"][0]["heading"] == "Do this now"
    pids = {p["pid"] for p in shown["paragraphs"]}
    for point in shown["learning"]:
        assert (point["review"], point["illustrative"]) == (CHILD_S, True)
        assert set(point["paragraphs"]) <= pids


def test_every_kind_of_reference_is_understood(run: Run) -> None:
    brue = answer(run, "show", "brue")
    sixth = brue["paragraphs"][5]
    assert answer(run, "show", "8.38") == brue == answer(run, "show", "brue@4") == answer(run, "show", "8.36")
    assert answer(run, "show", sixth["pid"])["paragraphs"] == [sixth]
    assert answer(run, "show", "8.38.6")["paragraphs"] == [sixth]
    old = answer(run, "show", "brue@2")
    assert (old["number"], old["status"], old["in_force_from"], old["in_force_to"]) == (
        "8.36",
        "superseded",
        "2018-03-01",
        "2021-05-31",
    )
    then = answer(run, "show", "brue", "--on", "2019-01-01")
    assert {k: v for k, v in then.items() if k != "learning"} == {k: v for k, v in old.items() if k != "learning"}
    assert answer(run, "show", "brue", "--seen", "2019-01-01")["revision"] == 2
    assert answer(run, "show", "police-emergency")["kind"] == "contact"


def test_show_prints_a_review_in_the_fields_of_a_section(run: Run) -> None:
    review = answer(run, "show", CHILD_S)
    assert list(review) == list(answer(run, "show", "brue"))
    assert (review["kind"], review["title"], review["published_at"]) == (
        "review",
        "Child S, West Sussex (2016)",
        "2023",
    )
    assert {point["action"] for point in review["learning"]} >= {
        "procedure revised",
        "guidance in place",
        "training",
        "system change",
    }


def test_history_prints_every_revision_newest_first(run: Run) -> None:
    history = answer(run, "history", "brue")
    assert list(history) == ["key", "revisions"]
    assert [r["revision"] for r in history["revisions"]] == [4, 3, 2, 1]
    assert all(
        list(r) == [
            "revision", "number", "title", "kind", "in_force_from", "published_at", "as_recorded_by_source", "note",
            "status",
        ]
        for r in history["revisions"]
    )  # fmt: skip
    assert {r["as_recorded_by_source"] for r in history["revisions"]} == {True}
    assert history["revisions"][0]["status"] == "in force"


def test_compare_prints_what_became_of_every_paragraph(run: Run) -> None:
    compared = answer(run, "compare", "brue", "2", "3")
    assert list(compared) == ["key", "from", "to", "paragraphs"]
    assert (compared["key"], compared["from"], compared["to"]) == ("brue", 2, 3)
    kinds = {p["change"] for p in compared["paragraphs"]}
    assert kinds <= {"same", "added", "removed", "moved", "reworded", "renumbered"}
    assert {"added", "removed", "reworded"} <= kinds
    for paragraph in compared["paragraphs"]:
        assert list(paragraph) == ["pid", "change", "from", "to"]
        assert (paragraph["from"] is None) == (paragraph["change"] == "added")
        assert (paragraph["to"] is None) == (paragraph["change"] == "removed")
        for side in (paragraph["from"], paragraph["to"]):
            assert side is None or list(side) == ["number", "text"]
    assert answer(run, "compare", "brue", "2019-01-01", "1 January 2022") == compared


def test_trace_prints_learning_from_either_end(run: Run) -> None:
    forth, back = answer(run, "trace", CHILD_S), answer(run, "trace", "brue")
    assert list(forth) == ["review", "learning"]
    assert list(back) == ["section", "learning"]
    for point in forth["learning"]:
        assert list(point) == ["text", "themes", "action", "status", "illustrative", "changes"]
        for change in point["changes"]:
            assert list(change) == ["section", "revision", "in_force_from", "paragraphs"]
            assert all(pid.startswith("p-") for pid in change["paragraphs"])
    assert {point["review"] for point in back["learning"]} == {CHILD_S}
    assert {c["section"] for point in back["learning"] for c in point["changes"]} == {"brue"}


def test_check_prints_whether_all_is_well_and_ends_with_one_when_it_is_not(run: Run, folder: Path) -> None:
    found = answer(run, "check")
    assert {"ok", "head", "problems"} <= set(found)
    assert (found["ok"], found["problems"]) == (True, [])
    assert run("check").out.startswith("All is well.")
    with closing(sqlite3.connect(folder / "manual.db")) as connection, connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("UPDATE events SET actor = 'Nobody' WHERE seq = 2")
    broken = run("check", "--json")
    assert broken.status == 1
    assert broken.json["ok"] is False
    assert "Event 2" in broken.json["problems"][0]


def test_evaluate_prints_the_measures_and_the_titles_the_manual_lacks(run: Run, tmp_path: Path) -> None:
    judged = [
        {"q": "BRUE", "kind": "acronym", "relevant": {"Brief Resolved Unexpected Event (BRUE)": 3}},
        {"q": "gangs", "kind": "topic", "relevant": {"Gang Activity": 3}},
    ]
    file = tmp_path / "queries.jsonl"
    file.write_text("\n".join(map(json.dumps, judged)) + "\n", "utf-8")
    report = answer(run, "evaluate", str(file))
    measures = ["queries", "ndcg@10", "recall@3", "mrr@10", "zero_results"]
    assert list(report) == [*measures, "unknown_titles", "by_kind", "worst"]
    assert [report[name] for name in measures] == [1, 1.0, 1.0, 1.0, 0.0]
    assert report["unknown_titles"] == ["Gang Activity"]
    assert list(report["by_kind"]) == ["acronym"]
    assert list(report["by_kind"]["acronym"]) == measures


def shape(value: Any) -> Any:
    """Reduce JSON to its field names, a list to its first item."""
    if isinstance(value, dict):
        names = value.values() if set(value) == {"retired name"} else None
        return [shape(v) for v in names] if names else {name: shape(inner) for name, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


@pytest.mark.parametrize(
    "words",
    [
        ["search", "ALTE"],
        ["show", "brue"],
        ["history", "brue"],
        ["compare", "brue", "1", "2"],
        ["trace", CHILD_S],
        ["check"],
        ["evaluate"],
    ],
)
def test_the_documented_shape_is_the_printed_one(run: Run, tmp_path: Path, words: list[str]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
    section = text.split(f"## kb {words[0]}\n")[1].split("\n## ")[0]
    *inputs, documented = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]
    if inputs:
        (tmp_path / "queries.jsonl").write_text(json.dumps(inputs[0]), "utf-8")
        words = [*words, str(tmp_path / "queries.jsonl")]
    told, printed = shape(documented), shape(answer(run, *words))
    for name in ("from", "to"):  # whichever side the first paragraph happens to have
        for each in (told, printed):
            if "paragraphs" in each and words[0] == "compare":
                each["paragraphs"][0].pop(name)
    assert told == printed


# In words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["search", "ALTE"], "8.38 Brief Resolved Unexpected Event (BRUE)"),
        (["search", "[bold]"], ""),
        (["show", "brue"], "Revision 4 of 4, in force, from 2 September 2024"),
        (["show", CHILD_S], "procedure revised, complete"),
        (["history", "brue"], "2018-03-01"),
        (["compare", "brue", "1", "2"], "reworded"),
        (["trace", "brue"], "(illustrative)"),
    ],
)
def test_without_json_every_answer_is_in_plain_words(run: Run, words: list[str], said: str) -> None:
    ended = run(*words)
    assert ended.status == 0, ended.err
    assert said in ended.out


def test_a_search_that_finds_nothing_says_what_to_try(run: Run) -> None:
    ended = run("search", "qqqqqqqq")
    assert (ended.status, ended.out) == (0, "")
    assert "Try fewer or other words" in ended.err


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    assert run("--version").out.strip() == version(DISTRIBUTION)


def test_a_damaged_index_is_made_again_and_said_so(run: Run, folder: Path) -> None:
    shutil.rmtree(folder / "index")
    ended = run("search", "BRUE", "--json")
    assert ended.json["results"]
    assert "made again" in ended.err
    assert run("search", "BRUE", "--json").err == ""
    assert re.search(r"made again: \d+ passages", run("reindex").err)


def test_a_backup_is_made_and_restored_by_name(run: Run, tmp_path: Path) -> None:
    made = run("backup", str(tmp_path / "backup.db"))
    assert made.status == 0
    assert re.search(r"[0-9a-f]{64}", made.err.replace("\n", ""))
    restored = run("restore", str(tmp_path / "backup.db"))
    assert restored.status == 0
    assert re.search(r"stands at event (\d+) \(before: \1\)", restored.err)


# Bad input


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nothing"], "nothing called 'nothing'"),
        (["show", "brui"], "Did you mean"),
        (["show", "9.99"], "number 9.99"),
        (["show", "8.38.99"], "number 8.38.99"),
        (["show", "p-999999"], "p-999999"),
        (["show", "brue@99"], "revisions 1 to 4"),
        (["show", ""], "No reference was given"),
        (["show", "brue", "--on", "yesterday"], "Write it like"),
        (["show", "brue", "--on", "2021-02-30"], "Write it like"),
        (["show", "brue", "--on", "1066-10-14"], "1900 to 2100"),
        (["show", "brue", "--on", "2001-01-01"], "not in force on 1 January 2001"),
        (["show", "brue", "--seen", "2001-01-01"], "not in force on 1 January 2001"),
        (["search", "BRUE", "--seen", "soon"], "Write it like"),
        (["history", "nothing"], "nothing called"),
        (["history", CHILD_S], "no section"),
        (["compare", "brue", "1", "99"], "revisions 1 to 4"),
        (["compare", "brue", "first", "last"], "Write it like"),
        (["compare", "nothing", "1", "2"], "nothing called"),
        (["trace", "nothing"], "nothing called"),
        (["evaluate", "no-such-file.jsonl"], "cannot be read"),
        (["restore", "no-such-file.db"], "no backup"),
        (["backup", "no-such-folder/backup.db"], "Make it first"),
        (["init"], "already"),
        (["init", "--sample"], "already"),
        (["--data", "no-such-folder", "search", "BRUE"], "kb init --data no-such-folder"),
        (["check", "--data", "no-such-folder"], "kb init --data no-such-folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence_and_changes_nothing(
    run: Run, folder: Path, words: list[str], said: str
) -> None:
    before = state(folder)
    ended = run(*words)
    assert ended.status == 2
    assert ended.out == ""
    assert said in ended.err.replace("\n", " ")
    assert ended.err.count("\n") == 1, "one line"
    assert ended.err.strip()[-1] in ".?\"'" or "kb " in ended.err
    assert state(folder) == before
    assert not Path("no-such-folder").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "line 2: it is not JSON"),
        ('["a list"]', "line 2: it is not an object"),
        ('{"q": "x", "kind": "y", "relevant": {"T": 9}}', "must be 1, 2 or 3"),
        ('{"q": "", "kind": "y", "relevant": {"T": 1}}', "line 2"),
    ],
)
def test_evaluate_names_the_line_it_cannot_read(run: Run, tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text(json.dumps({"q": "BRUE", "kind": "a", "relevant": {"T": 3}}) + f"\n{line}\n", "utf-8")
    ended = run("evaluate", str(file))
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err


def test_a_file_that_is_not_text_is_said_to_be_that(run: Run, tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_bytes(b"\xff\xfe\x00")
    ended = run("evaluate", str(tmp_path / "queries.jsonl"))
    assert ended.status == 2
    assert "UTF-8" in ended.err


def test_a_setting_that_makes_no_sense_is_said_plainly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_PORT", "many")
    ended = run("check")
    assert ended.status == 2
    assert "setting" in ended.err


# As a program


def program(*words: str, **environment: str) -> Ended:
    done = subprocess.run(
        [str(KB), *words], capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment}
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_from_nothing_to_an_answer_in_two_commands(tmp_path: Path) -> None:
    data = str(tmp_path / "new")
    made = program("init", "--sample", "--data", data)
    assert made.status == 0, made.err
    assert "kb serve --data" in made.err
    assert made.out == ""
    found = program("search", "BRUE", "--json", KB_DATA=data)
    assert found.status == 0
    assert found.err == ""
    assert found.json["destinations"][0]["key"] == "brue"
    again = program("init", "--data", data)
    assert again.status == 2
    assert "Traceback" not in again.err


def test_the_option_before_the_command_names_the_folder_too(folder: Path) -> None:
    assert program("--data", str(folder), "check").status == 0


def test_a_port_in_use_is_said_plainly(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = program("serve", "--data", str(folder), "--port", str(port))
    assert ended.status == 2
    assert str(port) in ended.err
    assert "Traceback" not in ended.err
