"""The editors' half of the site: signing in, drafts, review, release. Every address begins with /workspace.

`routes` is its table of addresses, `door` who may enter which. No page here is kept, indexed or shown to a reader.
"""
