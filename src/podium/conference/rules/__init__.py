"""The rules of a conference by area: small functions from state and command to events.

Each may assume what ``decide`` has checked: the actor may ask, and the phase admits it.
"""
