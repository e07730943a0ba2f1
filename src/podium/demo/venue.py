"""One synthetic venue: a station that is no page, but speaks the protocol of every station."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import numpy as np
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

from podium.demo import marker, peers, slides
from podium.demo.messages import (
    Hears,
    Joining,
    News,
    Sees,
    Trouble,
    VenueReport,
    VenueSpec,
    Watching,
)
from podium.demo.picture import Picture, luma_of
from podium.demo.signalling import CommandRefused, Demand, Joined, Notice, Signalling, ViewChanged
from podium.demo.tone import SAMPLE_RATE, Listener
from podium.demo.tracks import PictureTrack, VoiceTrack

_RETRY_SECONDS = 0.5
_SILENT_SECONDS = 0.3
"""Without a packet of sound for so long, nobody is heard: silence need not be sent."""


@dataclass(slots=True)
class Senses:
    """What a venue has seen and heard; tells when that changes."""

    number: int
    listener: Listener
    tell: Callable[[News], None]
    frames: int = 0
    samples: int = 0
    recognised: set[int] = field(default_factory=set)
    heard: set[int] = field(default_factory=set)
    first_frame_at: float | None = None
    last_sound_at: float = 0.0
    _shown: dict[str, int] = field(default_factory=dict)
    _hearing: frozenset[int] = frozenset()

    def forget(self) -> None:
        """What was perceived before is no longer so."""
        self._shown.clear()
        self._hearing = frozenset()
        self.tell(Joining(self.number))

    def take(self, slot: str, frame: VideoFrame | AudioFrame) -> None:
        if isinstance(frame, AudioFrame):
            self._listen(frame)
        else:
            self._look(slot, frame)

    def _look(self, slot: str, frame: VideoFrame) -> None:
        self.frames += 1
        if self.first_frame_at is None:
            self.first_frame_at = time.monotonic()
        read = slides.read if slot == "content" else marker.read
        found = read(luma_of(frame))
        if found is None:
            return
        self.recognised.add(found.venue)
        if self._shown.get(slot) != found.venue:
            self._shown[slot] = found.venue
            self.tell(Sees(self.number, slot, found.venue))

    def _listen(self, frame: AudioFrame) -> None:
        self.samples += frame.samples
        self.last_sound_at = time.monotonic()
        for heard in self.listener.feed(_mono(frame)):
            self.heard |= heard
            self._hear(heard)

    async def notice_silence(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(_SILENT_SECONDS / 3)
            if time.monotonic() - self.last_sound_at > _SILENT_SECONDS:
                self._hear(frozenset())

    def _hear(self, heard: frozenset[int]) -> None:
        if heard != self._hearing:
            self._hearing = heard
            self.tell(Hears(self.number, tuple(sorted(heard))))


def _mono(frame: AudioFrame) -> NDArray[np.float64]:
    """Samples of a packed 16-bit frame, channels averaged."""
    samples = frame.to_ndarray().astype(np.float64).reshape(-1, frame.layout.nb_channels)
    mono: NDArray[np.float64] = samples.mean(axis=1)
    return mono


class SyntheticVenue:
    """Joins, watches, sends what is asked of it, and comes back whenever it is thrown out."""

    def __init__(
        self,
        spec: VenueSpec,
        server: str,
        numbers: tuple[int, ...],
        tell: Callable[[News], None],
    ) -> None:
        self.spec = spec
        self._tell = tell
        self._http = httpx.AsyncClient(
            base_url=server,
            headers={"Authorization": f"Bearer {spec.token}"},
            timeout=10,
            trust_env=False,
        )
        self._signalling = Signalling(
            server.replace("http", "ws", 1) + "/api/ws", {"token": spec.token}, self._notice
        )
        self._picture = Picture(spec.number, spec.zh, spec.en)
        self._senses = Senses(spec.number, Listener(numbers), tell)
        self._demand = Demand()
        self._slides = slides.SlideFeed(self._http, lambda text: tell(Trouble(spec.number, text)))
        self._tracks: tuple[PictureTrack, VoiceTrack] | None = None
        self._watching: peers.Session | None = None
        self._wanted = asyncio.Event()
        self._renew = asyncio.Event()
        self._began = time.monotonic()
        self._joined_after: float | None = None
        self._picture_due_at: float | None = None
        self._on_air = False
        self._loss = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._signalling.run())
            tasks.create_task(self._keep_media())
            tasks.create_task(self._slides.run())
            tasks.create_task(self._senses.notice_silence())

    async def close(self) -> None:
        await self._http.aclose()

    async def ask_for_floor(self) -> None:
        await self._command({"type": "request_floor", "venue": self.spec.id})

    async def report(self) -> VenueReport:
        senses = self._senses
        if self._watching is not None:
            self._loss = max(self._loss, await self._watching.loss())
        first = None
        if senses.first_frame_at is not None and self._picture_due_at is not None:
            first = round(max(0.0, senses.first_frame_at - self._picture_due_at), 3)
        joined = None if self._joined_after is None else round(self._joined_after, 3)
        return VenueReport(
            number=self.spec.number,
            join_seconds=joined,
            first_picture_seconds=first,
            frames=senses.frames,
            sound_seconds=round(senses.samples / SAMPLE_RATE, 2),
            recognised=tuple(sorted(senses.recognised)),
            heard=tuple(sorted(senses.heard)),
            loss=round(self._loss, 5),
            reconnects=max(0, self._signalling.reconnects),
        )

    # --- what the server says

    def _notice(self, notice: Notice) -> None:
        match notice:
            case Joined():
                if self._signalling.reconnects:
                    self._renew.set()  # the server was away: its media sessions are gone
                    self._slides.renew()
            case Demand():
                self._demand = notice
                self._open_faucets()
                self._slides.want(notice.content)
            case ViewChanged(view):
                takes_media = view["phase"] not in {"scheduled", "closed"}
                (self._wanted.set if takes_media else self._wanted.clear)()
                self._on_air = any(view["program"][slot] for slot in ("main", "second"))
                self._note_due_picture()
                main = view["venues"][self.spec.id]["kind"] == "main"
                self._slides.show(view["slides"] if main and takes_media else None)

    def _note_due_picture(self) -> None:
        if self._picture_due_at is None and self._on_air and self._watching is not None:
            self._picture_due_at = time.monotonic()

    def _open_faucets(self) -> None:
        if self._tracks is not None:
            picture, voice = self._tracks
            picture.wanted.set(self._demand.video)
            voice.wanted.set(self._demand.sound)

    async def _command(self, command: dict[str, object]) -> None:
        try:
            await self._signalling.command(command)
        except (CommandRefused, ConnectionError) as error:
            self._tell(Trouble(self.spec.number, f"{command['type']}: {error}"))

    # --- media

    async def _keep_media(self) -> None:
        while True:
            await self._wanted.wait()
            self._renew.clear()
            try:
                await self._attend()
            except (httpx.HTTPError, peers.SessionRefused, TimeoutError, ConnectionError) as error:
                self._tell(Trouble(self.spec.number, f"{type(error).__name__}: {error}"))
                await asyncio.sleep(_RETRY_SECONDS)

    async def _attend(self) -> None:
        """Both sessions, until one is lost or the server came back from the dead."""
        tracks = PictureTrack(self._picture), VoiceTrack(self.spec.number)
        sessions: list[peers.Session] = []
        self._senses.forget()
        try:
            watching = await peers.watch(self._http, self._senses.take)
            sessions.append(watching)
            await watching.connected()
            self._watching = watching
            self._note_watching()
            picture, voice = tracks
            publishing = await peers.publish(self._http, voice, picture)
            sessions.append(publishing)
            await publishing.connected()
            self._tracks = tracks
            self._open_faucets()
            await self._report_devices()
            await self._until_over(watching, publishing)
        finally:
            self._tracks = self._watching = None
            for session in sessions:
                with suppress(ConnectionError):
                    self._loss = max(self._loss, await session.loss())
                await session.close()

    async def _until_over(self, *sessions: peers.Session) -> None:
        ends = [asyncio.ensure_future(s.lost()) for s in sessions]
        ends.append(asyncio.ensure_future(self._wait_renewal()))
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()

    async def _wait_renewal(self) -> None:
        await self._renew.wait()

    def _note_watching(self) -> None:
        seconds = time.monotonic() - self._began
        if self._joined_after is None:
            self._joined_after = seconds
        self._note_due_picture()
        self._tell(Watching(self.spec.number, round(seconds, 3)))

    async def _report_devices(self) -> None:
        await self._command(
            {
                "type": "report_devices",
                "venue": self.spec.id,
                "camera": "working",
                "microphone": "working",
            }
        )
