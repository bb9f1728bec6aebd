"""Saved pages of today's manuals, read as sections. Start with `read`.

`read` opens a page, `flow` walks it into blocks (with `runs`, `frames` and `shape`), and `structure` makes a section of
them (with `headline`, `margins`, `notes` and `review_dates`). Word files come through the same `structure`.
"""
