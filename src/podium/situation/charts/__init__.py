"""Charts as Vega-Lite specifications: direct labels, zero-based bars, source, day and note on each.

A specification is complete: it holds its data, draws without a network, and fills 16:9 exactly.
"""
