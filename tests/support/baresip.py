"""baresip, headless: an independent telephone with its own SIP, RTP, SRTP and codecs.

It speaks a tone and writes what it hears to a file. Steered by ``ctrl_tcp`` (JSON in netstrings).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from podium.demo.tone import pitch

BARESIP: Final = shutil.which("baresip")
_MODULES: Final = Path("/usr/lib/baresip/modules")
_CONFIG: Final = """\
poll_method epoll
sip_listen {host}:0
call_max_calls 4
audio_player aubridge,sink
audio_source ausine,{pitch}
audio_alert aubridge,sink
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
rtp_ports {first}-{last}
net_interface {host}
jitter_buffer_delay 2-10
module_path {modules}
module g711.so
module g722.so
module opus.so
module sndfile.so
module ausine.so
module aubridge.so
module srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control}
snd_path {heard}
opus_bitrate 28000
"""


@dataclass
class Baresip:
    process: Process
    heard: Path
    """Where the sound that it hears is written: ``*-dec.wav``."""
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    events: list[dict[str, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def command(self, name: str, params: str = "") -> None:
        body = json.dumps({"command": name, "params": params}).encode()
        self.writer.write(b"%d:%s," % (len(body), body))
        await self.writer.drain()

    async def press(self, keys: str) -> None:
        for key in keys:
            await self.command("sndcode", key)
            # It ends a key itself, after 250 ms; another one sooner would only lengthen it.
            await asyncio.sleep(0.4)

    async def until(self, kind: str, seconds: float = 15.0) -> dict[str, Any]:
        """The first event of this kind since the last one that was waited for."""

        def found() -> dict[str, Any] | None:
            return next((e for e in self.events if e.get("type") == kind), None)

        async with asyncio.timeout(seconds):
            while (event := found()) is None:
                self.news.clear()
                await self.news.wait()
        self.events.remove(event)
        return event

    def recording(self) -> Path:
        """Of what it has heard in its last call."""
        return max(self.heard.glob("*dec.wav"), key=lambda path: path.stat().st_mtime)

    async def read(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await self.reader.readuntil(b":"))[:-1])
                body = json.loads(await self.reader.readexactly(length))
                await self.reader.readexactly(1)
                if body.get("event"):
                    self.events.append(body)
                    self.news.set()


@contextlib.asynccontextmanager
async def baresip(
    directory: Path,
    account: str,
    voice: int,
    free_port: Callable[[], int],
    host: str = "127.0.0.1",
) -> AsyncIterator[Baresip]:
    """``account``: a line of its file of accounts."""
    control, heard = free_port(), directory / "heard"
    heard.mkdir(parents=True)
    first = 43_000 + 100 * voice
    config = _CONFIG.format(
        host=host,
        pitch=pitch(voice),
        first=first,
        last=first + 98,
        modules=_MODULES,
        control=control,
        heard=heard,
    )
    (directory / "config").write_text(config)
    (directory / "accounts").write_text(account + "\n")
    (directory / "contacts").touch()
    assert BARESIP is not None
    with (directory / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(BARESIP, "-f", str(directory)), stdin=DEVNULL, stdout=log, stderr=STDOUT
        )
    try:
        reader, writer = await _connected(host, control)
        made = Baresip(process, heard, reader, writer)
        reading = asyncio.create_task(made.read())
        try:
            yield made
        finally:
            reading.cancel()
            writer.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _connected(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(10):
        while True:
            try:
                return await asyncio.open_connection(host, port)
            except ConnectionError:
                await asyncio.sleep(0.05)
