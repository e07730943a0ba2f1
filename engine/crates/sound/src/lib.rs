//! Podium's media engine: sound.
