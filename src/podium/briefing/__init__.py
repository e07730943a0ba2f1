"""The situation's links with the outside: official figures, the X-13 program, charts as pictures.

What is computed and said is in :mod:`podium.situation`; this room reads, runs and draws.
"""
