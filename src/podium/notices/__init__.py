"""Notices of the work by e-mail and webhook, from a queue that survives the process."""
