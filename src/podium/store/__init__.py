"""What outlives the process: the event log, the directory, and who may come in.

SQLite in one file out of the box, PostgreSQL by URL; both pass one contract suite. Start at
:func:`podium.store.opening.open_store`.
"""
