"""What readers do in tests before editors look at it."""

from kb.service import KnowledgeBase
from tests.conftest import SetClock


def search_in_vain(kb: KnowledgeBase, clock: SetClock, typed: str) -> None:
    """Search for words often enough to be kept, and let the day go by."""
    for _ in range(2):
        kb.searches.note(kb.search(typed))
    tomorrow(kb, clock)


def tomorrow(kb: KnowledgeBase, clock: SetClock) -> None:
    """Let what was counted be written, and the day go by."""
    kb.searches.close()
    clock.forward(days=1)
