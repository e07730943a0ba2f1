"""Real telephones for tests: baresip, sipp and linphonec, where they are installed."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

LOOPBACK = "127.0.0.1"
SCENARIOS = Path(__file__).parents[1] / "telephone" / "phones" / "scenarios"
MODULES = Path("/usr/lib/baresip/modules")
_CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{listen}
{tls}
call_local_timeout 120
call_max_calls 4
audio_player aubridge,sink
audio_source ausine,{tone}
audio_alert aubridge,sink
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
audio_txmode poll
net_interface 127.0.0.1
rtcp_mux no
module_path {modules}
module g711.so
module g722.so
module opus.so
module srtp.so
module sndfile.so
snd_path {folder}
module ausine.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{port}
"""


_LINPHONE = """\
[sip]
sip_port=-1
sip_tcp_port=-2
sip_tls_port=-2
default_proxy=-1
contact="bob" <sip:bob@127.0.0.1>
guess_hostname=0
use_ipv6=0
register_only_when_network_is_up=0

[video]
enabled=0
capture=0
display=0
"""


def needs(program: str, package: str) -> None:
    """Skips the test where the telephone is missing."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (Debian package {package})")


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as taken:
        return int(taken.getsockname()[1])


async def until_listening(port: int) -> None:
    """On TCP; nothing else tells when a program has come so far."""
    async with asyncio.timeout(15):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(LOOPBACK, port)
                writer.close()
                return
            await asyncio.sleep(0.02)


class Baresip:
    """A running baresip, told what to do by its control socket."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, folder: Path) -> None:
        self._process = process
        self._port = port
        self._folder = folder
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def connect(self) -> None:
        """baresip says nothing when its socket is there, so it is tried until it is."""
        async with asyncio.timeout(15):
            while True:
                with suppress(OSError):
                    self._reader, self._writer = await asyncio.open_connection(LOOPBACK, self._port)
                    return
                assert self._process.returncode is None, self.said()
                await asyncio.sleep(0.02)

    async def tell(self, command: str, params: str = "") -> None:
        """Waits for the response to the command, between the events that it is told of."""
        assert self._writer is not None
        body = json.dumps({"command": command, "params": params, "token": "t"}).encode()
        self._writer.write(b"%d:%s," % (len(body), body))
        async with asyncio.timeout(10):
            while not (await self._next()).get("response"):
                pass

    async def _next(self) -> dict[str, object]:
        assert self._reader is not None
        length = int((await self._reader.readuntil(b":"))[:-1])
        text = (await self._reader.readexactly(length + 1))[:-1]
        return dict(json.loads(text))

    async def until(self, kind: str) -> dict[str, object]:
        """The next event of this type, such as ``CALL_ESTABLISHED``."""
        async with asyncio.timeout(15):
            while True:
                message = await self._next()
                if message.get("type") == kind:
                    return message

    async def until_said(self, text: str) -> None:
        """In its log, which nothing tells the growth of."""
        async with asyncio.timeout(15):
            while True:
                if text in self.said():
                    return
                await asyncio.sleep(0.05)

    def recording(self) -> Path:
        """What it has heard in its last call (WAV)."""
        return max(self._folder.glob("*-dec.wav"), key=lambda path: path.stat().st_mtime)

    def said(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    async def stop(self) -> None:
        if self._writer is not None:
            self._writer.close()
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


@asynccontextmanager
async def baresip(
    folder: Path, account: str, *, tone: int = 600, authority: Path | None = None, listen: int = 0
) -> AsyncIterator[Baresip]:
    """``account``: a line of baresip's accounts file. ``listen``: one port for UDP and TCP; 0 gives
    each its own."""
    needs("baresip", "baresip-core")
    port = free_port()
    tls = f"sip_cafile {authority}" if authority else ""
    config = _CONFIG.format(
        tls=tls, tone=tone, modules=MODULES, port=port, folder=folder, listen=listen
    )
    _write(folder, {"config": config, "accounts": account + "\n", "contacts": ""})
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("baresip", "-f", str(folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder)},
        )
    phone = Baresip(process, port, folder)
    try:
        await phone.connect()
        yield phone
    finally:
        await phone.stop()


async def sipp(
    scenario: str, folder: Path, *arguments: str, target: str | None, seconds: float = 30
) -> str:
    """Runs a scenario to its end and returns its statistics. Fails with sipp's own words where a
    call does not go as the scenario says. ``target``: ``host:port``; ``None``: it waits for
    calls."""
    needs("sipp", "sip-tester")
    errors = folder / f"{scenario}.errors"
    command = [
        *("sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", LOOPBACK, "-mi", LOOPBACK),
        *("-nostdin", "-timeout", f"{seconds:.0f}", "-timeout_error"),
        *("-trace_err", "-error_file", str(errors), *arguments),
        *([target, "-s", "9000"] if target else []),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), seconds + 10)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    said = errors.read_text(errors="replace") if errors.exists() else ""
    assert process.returncode == 0, f"{said}\n{output.decode(errors='replace')[-2000:]}"
    return output.decode(errors="replace")


class Linphone:
    """A running linphonec, which is typed into."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def type(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command.encode() + b"\n")
        await self._process.stdin.drain()


@asynccontextmanager
async def linphone(folder: Path) -> AsyncIterator[Linphone]:
    needs("linphonec", "linphone-cli")
    _write(folder, {"linphonerc": _LINPHONE})
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("linphonec", "-c", str(folder / "linphonerc"), "-d", "0"),
            stdin=asyncio.subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder)},
        )
    phone = Linphone(process)
    try:
        for command in ("ipv6 disable", "soundcard use files"):
            await phone.type(command)
        yield phone
    finally:
        with suppress(ConnectionError):
            await phone.type("quit")
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()
