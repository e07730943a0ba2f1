"""What a conference deploys and what becomes of it: programmes, measures, assignments, reports.

Pure, like the conference: no I/O, no clock, no chance. Begin at :mod:`podium.work.state`, then
:mod:`podium.work.decide`.
"""
