//! Podium's media engine: net.
