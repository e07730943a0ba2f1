"""Asyncio shells around the SIP core: UDP, TCP, TLS, DNS and the clock."""
