//! Podium's media engine: client.
