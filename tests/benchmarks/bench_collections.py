"""How good answers are where the world can check: public test collections, beside FTS5 and bm25s in the same run.

`make bench` runs it on the folder that KB_COLLECTIONS names; without one it says so and measures nothing.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import results, tables
from tests.benchmarks.judged import collections_in, score


def main() -> None:
    """Score every collection, print the table and keep the figures."""
    named = os.environ.get("KB_COLLECTIONS")
    if not named:
        print("KB_COLLECTIONS names no folder of test collections: none was measured (docs/performance.md says how).")
        return
    figures = {}
    for collection in collections_in(Path(named)):
        print(f"  {collection.name}: {len(collection.passages):,} documents", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            scores = score(collection, Path(folder))
        asked = sum(key in collection.relevant for key in collection.queries)
        figures[collection.name] = {"documents": len(collection.passages), "queries": asked, "ndcg": scores}
    if not figures:
        sys.exit(f"There is no collection in {named}.")
    results.keep("collections", figures)
    print("\n".join(tables.collections(figures)))


if __name__ == "__main__":
    main()
