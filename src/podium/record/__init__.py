"""The record of a conference: from the events of its log to what people read of it.

``folds`` is pure: entries of the log in, facts with the entries that they rest on out.
"""
