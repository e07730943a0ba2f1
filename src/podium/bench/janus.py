"""A Janus of our own with one AudioBridge room for plain RTP, and what we ask of it.

Janus: https://janus.conf.meetecho.com/docs/audiobridge (version 1.1 of Debian 12).
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from podium.bench.programs import PHONE_PORTS, host_and_port
from podium.bench.server import BenchFailed, free_port

_PLUGIN: Final = "janus.plugin.audiobridge"
_ROOM: Final = 1
_PCMA: Final = 8
_SECONDS: Final = 20.0
"""That Janus may take to start, or to let one participant join."""
_EVENTS: Final = 500
"""Taken at once."""
_UNUSED: Final = {
    "plugins": (
        *("duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom"),
        *("videocall", "videoroom", "voicemail"),
    ),
    "transports": ("mqtt", "nanomsg", "pfunix", "rabbitmq", "websockets"),
}


def program() -> str | None:
    return shutil.which("janus")


@dataclass(frozen=True, slots=True)
class Janus:
    """A running one."""

    pid: int
    room: Room

    @property
    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))


class Room:
    """The room, in one session of the API. ``events``: what Janus has told us so far."""

    def __init__(self, http: httpx.AsyncClient, session: int) -> None:
        self._http = http
        self._path = f"/janus/{session}"
        self._joining: dict[int, asyncio.Future[int]] = {}
        self.events = 0

    async def join(self, address: str, muted: bool) -> int:
        """A participant that receives at that "ip:port"; the port on which Janus receives from it.

        Raises ``BenchFailed`` if Janus does not let it in.
        """
        attached = await _ask(self._http, self._path, janus="attach", plugin=_PLUGIN)
        handle = int(attached["data"]["id"])
        joined: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._joining[handle] = joined
        host, port = host_and_port(address)
        rtp = {"ip": host, "port": port, "payload_type": _PCMA}
        body = {"request": "join", "room": _ROOM, "codec": "pcma", "muted": muted, "rtp": rtp}
        await _ask(self._http, f"{self._path}/{handle}", janus="message", body=body)
        try:
            async with asyncio.timeout(_SECONDS):
                return await joined
        except TimeoutError:
            raise BenchFailed("Janus did not answer a participant that wants to join") from None

    async def listen(self) -> None:
        """Takes what Janus tells, for as long as it runs: else it would keep it all."""
        while True:
            params = {"maxev": _EVENTS}
            answer = (await self._http.get(self._path, params=params, timeout=60)).json()
            for event in answer if isinstance(answer, list) else [answer]:
                if event.get("janus") != "keepalive":
                    self.events += 1
                    self._told(event)

    def _told(self, event: Mapping[str, Any]) -> None:
        data = event.get("plugindata", {}).get("data", {})
        joined = self._joining.get(event.get("sender", 0))
        if joined is None or joined.done():
            return
        if "rtp" in data:
            joined.set_result(int(data["rtp"]["port"]))
        elif "error" in data:
            joined.set_exception(BenchFailed(f"Janus refuses a participant: {data['error']}"))


@asynccontextmanager
async def serving() -> AsyncIterator[Janus]:
    """Runs Janus from a temporary folder. Raises ``BenchFailed`` if it does not come up."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name:
        folder = Path(name)
        for file, text in _configuration(folder, port).items():
            (folder / file).write_text(text, encoding="ascii")
        log = folder / "log"
        arguments = ["janus", "-F", name, "-C", str(folder / "janus.jcfg")]
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603, ASYNC220 - starting takes no time
                arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            # Each participant takes three descriptors and more.
            _, most = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (most, most))
            base = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=_SECONDS) as http:
                room = Room(http, await _session(http, process, log))
                listening = asyncio.create_task(room.listen())
                try:
                    yield Janus(process.pid, room)
                finally:
                    listening.cancel()
                    with suppress(asyncio.CancelledError, httpx.HTTPError, ValueError):
                        await listening
        except (httpx.HTTPError, ValueError) as error:
            raise BenchFailed(f"Janus does not answer ({error!r})\n{_tail(log)}") from error
        finally:
            process.kill()
            process.wait()


async def _session(http: httpx.AsyncClient, process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.TransportError):
            return int((await _ask(http, "/janus", janus="create"))["data"]["id"])
        await asyncio.sleep(0.05)
    raise BenchFailed(f"Janus did not come up; it says:\n{_tail(log)}")


async def _ask(http: httpx.AsyncClient, path: str, **request: Any) -> Mapping[str, Any]:
    response = await http.post(path, json={**request, "transaction": "podium"})
    answer: Mapping[str, Any] = response.json()
    if answer.get("janus") not in ("success", "ack"):
        raise BenchFailed(f"Janus refuses a request: {answer.get('error')}")
    return answer


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])


def _configuration(folder: Path, port: int) -> Mapping[str, str]:
    """Its files. At 8 kHz Janus need not resample, which is the least work for it."""
    unused = "\n".join(
        f'{kind}: {{ disable = "{",".join(f"libjanus_{name}.so" for name in names)}" }}'
        for kind, names in _UNUSED.items()
    )
    first, last = PHONE_PORTS
    return {
        "janus.jcfg": f'general: {{ configs_folder = "{folder}"\n log_to_stdout = true\n'
        f" debug_level = 3\n debug_colors = false\n session_timeout = 0 }}\n{unused}\n",
        "janus.transport.http.jcfg": f'general: {{ json = "compact"\n base_path = "/janus"\n'
        f' http = true\n ip = "127.0.0.1"\n port = {port}\n https = false }}\n'
        "admin: { admin_http = false\n admin_https = false }\n",
        "janus.plugin.audiobridge.jcfg": f'general: {{ rtp_port_range = "{first}-{last}"\n'
        f' local_ip = "127.0.0.1" }}\nroom-{_ROOM}: {{ description = "bench"\n'
        " sampling_rate = 8000\n allow_rtp_participants = true\n"
        " audiolevel_ext = false\n record = false }\n",
    }
