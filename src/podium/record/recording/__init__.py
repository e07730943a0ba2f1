"""Recordings of the program: from the engine's tap to files that play, crash or no crash."""
