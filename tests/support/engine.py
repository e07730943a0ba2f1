"""A media engine of values: it remembers what it is told and says what a test wants said."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import TypeVar

from podium.hall.sessions import EngineFigures
from podium.media import engine as e

C = TypeVar("C")


class FakeEngine:
    """Keeps the contract of ``tests/adapters/media/test_engine_contract.py``."""

    def __init__(self) -> None:
        self.commands: list[e.Command] = []
        self.broken: str | None = None
        self.rooms: set[e.RoomNumber] = set()
        self.sessions: dict[e.SessionNumber, e.RoomNumber] = {}
        self.publishers: set[e.SessionNumber] = set()
        self.legs: set[e.SessionNumber] = set()
        self.prompts: dict[str, bytes] = {}
        self.no_ports = False
        self.taken = asyncio.Event()
        """All that was said has been taken."""
        self._seen: set[e.SessionNumber] = set()
        self._events: list[e.Event] = []
        self._readable, self._writable = os.pipe()
        os.set_blocking(self._readable, False)
        self._closed = False

    # --- what a test does

    def say(self, *events: e.Event) -> None:
        for event in events:
            if isinstance(event, e.Disconnected):
                self.sessions.pop(event.session, None)
        self.taken.clear()
        self._events += events
        os.write(self._writable, b"x")

    def take(self, kind: type[C]) -> list[C]:
        """The commands of that kind since the last call."""
        found: list[C] = [command for command in self.commands if isinstance(command, kind)]
        self.commands = [command for command in self.commands if not isinstance(command, kind)]
        return found

    def break_down(self) -> None:
        self.broken = "thread podium-ingest has died"
        os.write(self._writable, b"x")

    # --- the engine

    @property
    def fingerprint(self) -> str:
        return "sha-256 " + ":".join(["AB"] * 32)

    @property
    def candidates(self) -> Sequence[tuple[str, int]]:
        return [("127.0.0.1", 8189)]

    def fileno(self) -> int:
        return self._readable

    def poll(self) -> Sequence[e.Event]:
        with contextlib.suppress(BlockingIOError):
            os.read(self._readable, 4096)
        if self.broken is not None:
            raise e.EngineFailed(self.broken)
        events, self._events = self._events, []
        self.taken.set()
        return events

    def submit(self, command: e.Command) -> None:
        self._check_alive()
        self.commands.append(command)
        match command:
            case e.OpenRoom(room=room):
                if room in self.rooms:
                    raise e.EngineFailed(f"room {room} exists")
                self.rooms.add(room)
            case e.CloseRoom(room=room):
                self._close_room(room)
            case e.View(room=room, session=session):
                self._known_room(room)
                self._add(room, session)
            case e.Close(session=session):
                self._known(session)
                self._end(session)
            case e.SetSlot(room=room):
                self._known_room(room)
            case e.SetPrivateSlot(viewer=session) | e.SetSelf(viewer=session):
                self._known(session)
            case e.SetMicrophone(source=session) | e.RestartViewer(session=session):
                self._known(session)
            case e.SetLeg() | e.AttachLeg() | e.Play() | e.SendDigits():
                self._direct_leg(command)

    def _close_room(self, room: e.RoomNumber) -> None:
        self._known_room(room)
        self.rooms.discard(room)
        for session, where in tuple(self.sessions.items()):
            if where == room:
                self._end(session)

    def publish(
        self, room: e.RoomNumber, session: e.SessionNumber, offer: str, *, label: str
    ) -> str:
        self._check_alive()
        self._known_room(room)
        if "m=" not in offer:
            raise e.OfferUnanswerable("the offer sends neither audio nor video")
        self._add(room, session)
        self.publishers.add(session)
        return f"v=0\r\ns={label}\r\n"

    def open_leg(self, session: e.SessionNumber) -> tuple[str, int]:
        self._check_alive()
        if self.no_ports:
            raise e.EngineFailed("no free pair of ports for a leg")
        self._add(e.RoomNumber(0), session)
        self.legs.add(session)
        return "127.0.0.1", 40_000 + 2 * len(self.legs)

    def load_prompt(self, name: str, pcm: bytes) -> None:
        self._check_alive()
        if not pcm or len(pcm) % 2:
            raise e.EngineFailed("a prompt is 16 kHz mono s16le")
        self.prompts[name] = pcm

    def figures(self) -> EngineFigures:
        publishers = len(self.publishers & set(self.sessions))
        legs = len(self.legs & set(self.sessions))
        viewers = len(self.sessions) - publishers - legs
        return EngineFigures(0, 0, 0, 0, 0, 0, publishers, viewers, legs, ())

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            os.close(self._readable)
            os.close(self._writable)

    def _check_alive(self) -> None:
        if self._closed or self.broken is not None:
            raise e.EngineFailed(self.broken or "the engine is closed")

    def _known_room(self, room: e.RoomNumber) -> None:
        if room not in self.rooms:
            raise e.EngineFailed(f"unknown room {room}")

    def _known(self, session: e.SessionNumber) -> None:
        if session not in self._seen:
            raise e.EngineFailed(f"unknown session {session}")

    def _direct_leg(self, command: e.SetLeg | e.AttachLeg | e.Play | e.SendDigits) -> None:
        self._known_leg(command.session)
        match command:
            case e.AttachLeg(room=room) if room is not None:
                self._known_room(room)
            case e.Play(prompts=names) if not set(names) <= set(self.prompts):
                raise e.EngineFailed("no such prompt was loaded")
            case _:
                pass

    def _known_leg(self, session: e.SessionNumber) -> None:
        self._known(session)
        if session not in self.legs:
            raise e.EngineFailed(f"session {session} is no leg")

    def _add(self, room: e.RoomNumber, session: e.SessionNumber) -> None:
        if session in self._seen:
            raise e.EngineFailed(f"session {session} exists")
        self._seen.add(session)
        self.sessions[session] = room

    def _end(self, session: e.SessionNumber) -> None:
        if session in self.sessions:
            self.say(e.Disconnected(session, "closed"))
