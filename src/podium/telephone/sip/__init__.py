"""A SIP user agent and registrar core without I/O (RFC 3261 and what goes with it).

Pure: times and random values are arguments; sockets, clocks and logs are the shells' affair.
What is parsed never shows in a ``repr`` or in an error's text, so that no address and no PIN
gets into a log by accident.
"""
