"""How the guidance is found: passages, the query, the vocabulary, ranking and the engine.

This package knows nothing of the database or of HTTP: which revisions a search may see is passed
in. Start with `engine`, then `query`.
"""
