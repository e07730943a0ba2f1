"""``podium serve``: one process from the first socket to the last good-bye."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import secrets
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
import uvloop

from podium import __version__
from podium.app import logs
from podium.app.addresses import listen, media_addresses
from podium.app.clock import SystemClock
from podium.app.errors import StartError
from podium.app.house import EngineMaker, House, native_engine, open_house
from podium.app.telephone import sound_listens
from podium.config import Settings, WebSection
from podium.hall.access import AccountRole
from podium.web.server import server_config

logger = logging.getLogger("podium.app")

FIRST_ACCOUNT = "admin"
_HURRY_SECONDS = 1.0
_FILES = 65_536
"""Every venue's WebSocket is a file; systems allow 1,024 unless asked."""


def serve(settings: Settings, make_engine: EngineMaker = native_engine) -> None:
    """Serves until SIGTERM or SIGINT. Raises ``StartError``."""
    logs.set_up(settings.log)
    _raise_file_limit()
    listener = listen(settings.web.host, settings.web.port)
    with listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener, make_engine))


async def _serve(settings: Settings, listener: socket.socket, make_engine: EngineMaker) -> None:
    clock = SystemClock()
    addresses = media_addresses(settings.media, listener)
    if settings.telephone.enabled:
        phones = sound_listens(settings.telephone), settings.telephone.rtp_ports
        addresses = replace(addresses, phones=phones)
    async with open_house(settings, addresses, make_engine, clock) as house:
        await _welcome(house)
        _set_aside_what_stays()
        server = _Server(_configuration(house, settings.web))
        with _signals(server):
            logger.info("serving, version %s", __version__)
            print(f"Podium {__version__}: {url_of(settings.web, listener)}/office", flush=True)
            await server.serve(sockets=[listener])
        logger.info("stopping")


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn raises them again when it ends, before we have closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _configuration(house: House, section: WebSection) -> uvicorn.Config:
    config = server_config(
        house.app,
        host=section.host,
        port=section.port,
        certificate=str(section.tls_cert) if section.tls_cert else None,
        key=str(section.tls_key) if section.tls_key else None,
        proxies=",".join(section.proxies),
    )
    try:
        config.load()
    except (ssl.SSLError, OSError, ValueError) as error:
        raise StartError(
            f"web.tls_cert and web.tls_key do not work together ({error}): give the certificate "
            "chain and its private key, both as PEM"
        ) from None
    return config


@contextmanager
def _signals(server: uvicorn.Server) -> Iterator[None]:
    """The first asks everybody to come back later (1012) and ends in order; one that comes later
    is in a hurry. Wrappers and process groups send the same signal twice at once."""
    loop = asyncio.get_running_loop()
    first: list[float] = []

    def stop() -> None:
        server.force_exit = bool(first) and loop.time() - first[0] > _HURRY_SECONDS
        server.should_exit = True
        first.append(loop.time())

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def url_of(section: WebSection, listener: socket.socket) -> str:
    """How the pages are reached from this machine, or from everywhere where that is known."""
    if section.public_url is not None:
        return section.public_url
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if section.tls_cert else 'http'}://{name}:{port}"


async def _welcome(house: House) -> None:
    """Makes the first administrator of an empty store and says so, this once."""
    try:
        if await house.store.accounts.all():
            return
        password = secrets.token_urlsafe(12)
        await house.store.accounts.create(FIRST_ACCOUNT, password, AccountRole.ADMINISTRATOR)
    except OSError as error:
        raise StartError(f"the store cannot be used: {error}") from error
    print(
        f"\nThe first administrator was made. This is said only once:\n"
        f"已创建首个管理员，以下内容只显示一次：\n\n"
        f"    name      用户名  {FIRST_ACCOUNT}\n"
        f"    password  密码    {password}\n",
        flush=True,
        file=sys.stdout,
    )


def _set_aside_what_stays() -> None:
    """Modules, routes and schemas are hundreds of thousands of objects that live as long as the
    process. The garbage collector, which holds up everything while it looks through all objects,
    need not look through those again: a tenth of a second and more each time."""
    gc.collect()
    gc.freeze()


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
