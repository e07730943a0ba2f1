"""The communique: drafted from the record, edited with every change kept, approved and frozen.

Pure. Its events are a stream of their own, one for each conference.
"""
