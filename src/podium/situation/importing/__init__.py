"""Figures from files: layouts of the National Bureau of Statistics, SDMX-CSV, and Podium's own.

Start at :func:`podium.situation.importing.plan.plan_import`.
"""
