"""A process that writes to the record beside others; `test_store` starts eight."""

from pathlib import Path

from procedures.errors import Fault
from procedures.publication import Proposal
from procedures.store import Store
from tests.procedures.texts import NOW, TODAY, a_text


def append_many(path: Path, writer: int, rounds: int) -> None:
    """Publish the next revision of a section of the writer's own, again and again, each in its own transaction."""
    with Store.open(path) as store:
        for revision in range(1, rounds + 1):
            text = a_text(
                f"section-{writer}",
                f"Writer {writer} wrote revision {revision}.",
                number=f"8.{writer}",
                based_on=revision - 1 or None,
            )
            while not _published(store, writer, text):
                pass


def _published(store: Store, writer: int, text: Proposal) -> bool:
    """Publish, as a person would who is told to try again: on a busy machine eight writers can wait too long."""
    try:
        with store.write(f"writer {writer}", lambda: NOW) as transaction:
            transaction.publish(text, TODAY)
    except Fault as error:
        if "try again" not in str(error):
            raise
        return False
    return True
