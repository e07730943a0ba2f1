"""Folds over the entries of one conference's log. Pure and total: any entries give a record.

Every fact names the entries that it rests on. Times are aware ``datetime`` in UTC.
"""
