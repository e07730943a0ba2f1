//! Podium's media engine: media.
