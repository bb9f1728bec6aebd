"""Documents about case reviews, read as proposals. Start with `read`.

`text` makes sentences of a file (with `passage` and `markup`), `outline` says what each stands under, `facts` and
`learning` find what it tells, and `cues` holds every phrase they go by.
"""
