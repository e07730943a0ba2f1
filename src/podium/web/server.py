"""How the application is served: uvicorn with our limits, and without an access log, because paths
hold tokens."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from podium.web.limits import HEADER_BYTES, WS_MESSAGE_BYTES


def server_config(
    app: FastAPI,
    *,
    host: str,
    port: int,
    certificate: str | None = None,
    key: str | None = None,
    proxies: str = "127.0.0.1,::1",
) -> uvicorn.Config:
    """``proxies``: addresses whose ``X-Forwarded-*`` headers are believed."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        http="h11",
        h11_max_incomplete_event_size=HEADER_BYTES,
        ws="websockets-sansio",
        ws_max_size=WS_MESSAGE_BYTES,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        # Deltas are small, and 3,000 compression windows are not.
        ws_per_message_deflate=False,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=True,
        forwarded_allow_ips=proxies,
        backlog=4096,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )
