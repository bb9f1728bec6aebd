"""How the guidance is seen: the pages, their addresses and their errors.

This package knows nothing of SQL or of the search engine. Start with `app`.
"""
