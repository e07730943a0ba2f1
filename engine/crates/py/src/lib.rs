//! Podium's media engine: py.
