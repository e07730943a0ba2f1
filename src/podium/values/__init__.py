"""Plain values that several rooms speak of, and the few shapes of thought that they share.

Knows no other room. The conference and the work are siblings: what both mean by a name, a
refusal, a state machine or a log is here.
"""
