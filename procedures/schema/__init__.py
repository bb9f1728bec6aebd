"""The shape of the database: its tables now (`tables`) and the steps that made them (`versions`).

`procedures.store` alone uses it. Nothing here reads or writes a row.
"""
