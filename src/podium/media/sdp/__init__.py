"""SDP (RFC 8866) as WHIP and WHEP need it: strict about what strangers send."""
