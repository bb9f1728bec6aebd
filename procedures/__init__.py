"""What the guidance is: sections, revisions, paragraphs, reviews and terms, kept as an append-only record.

This package knows nothing of search, HTTP or readers' sessions. Start with `model`, then `store`.
"""
