"""The telephone: phones as full venues. Signalling here, sound in the engine."""
