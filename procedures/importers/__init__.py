"""Foreign documents read into the words of the manual: saved pages, Word files, PDFs, reviews.

`files` finds and opens what was named, `page`, `word` and `review` read it, `sandbox` keeps a hostile file from taking
the machine. Nothing here writes to the record: a reading is a proposal, and `kb` decides what becomes of it.
"""
