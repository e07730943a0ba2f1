"""What the figures say: series with vintages, read as of a day; indicators, charts, the briefing.

Pure: files come in as bytes, the day is an argument, pictures are drawn elsewhere. Start at
:class:`podium.situation.figures.Figures` and :func:`podium.situation.briefing.compose`.
"""
