"""Programmes at work: commands become entries of the log, in order, durable before anyone hears."""
