"""Spreadsheets: CSV and XLSX files to cells by column and back, every fault by line.

Knows nothing of what is in them. Whoever reads one says which columns there are.
"""
