"""The native engine behind :class:`podium.media.engine.EnginePort`. Nobody else imports it.

Importing this module fails with ``StaleEngine`` when the binary is of other sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from podium.hall.sessions import EngineFigures
from podium.media import _engine
from podium.media import engine as e
from podium.media.build import check

check(_engine.BUILD)

_COMMANDS: Final[Mapping[type[e.Command], type[_engine.Command]]] = {
    e.OpenRoom: _engine.Command.OpenRoom,
    e.CloseRoom: _engine.Command.CloseRoom,
    e.View: _engine.Command.View,
    e.RestartViewer: _engine.Command.RestartViewer,
    e.Close: _engine.Command.Close,
    e.StartTap: _engine.Command.StartTap,
    e.StopTap: _engine.Command.StopTap,
    e.SetSlot: _engine.Command.SetSlot,
    e.SetPrivateSlot: _engine.Command.SetPrivateSlot,
    e.SetMicrophone: _engine.Command.SetMicrophone,
    e.SetSelf: _engine.Command.SetSelf,
    e.SetLeg: _engine.Command.SetLeg,
    e.AttachLeg: _engine.Command.AttachLeg,
    e.Play: _engine.Command.Play,
    e.SendDigits: _engine.Command.SendDigits,
}
_EVENTS: Final[Mapping[type[_engine.Event], Callable[[Any], e.Event]]] = {
    _engine.Event.Connected: lambda n: e.Connected(n.session, n.profile),
    _engine.Event.Disconnected: lambda n: e.Disconnected(n.session, n.reason),
    _engine.Event.SourceStarted: lambda n: e.SourceStarted(n.session, n.kind, n.codec),
    _engine.Event.SourceStopped: lambda n: e.SourceStopped(n.session, n.kind),
    _engine.Event.SlotLive: lambda n: e.SlotLive(n.room, n.slot, n.source, n.codec),
    _engine.Event.CannotDecode: lambda n: e.CannotDecode(n.viewer, n.slot, n.codec),
    _engine.Event.Speaking: lambda n: e.Levels(n.room, tuple(n.levels)),
    _engine.Event.Quality: lambda n: e.Quality(n.session, n.loss, n.rtt, n.bitrate, n.layer),
    _engine.Event.TapEnded: lambda n: e.TapEnded(n.room, n.reason),
    _engine.Event.LegHeard: lambda n: e.LegHeard(n.session),
    _engine.Event.Digit: lambda n: e.Digit(n.session, n.digit),
    _engine.Event.Played: lambda n: e.Played(n.session, n.completed),
    _engine.Event.LegNoisy: lambda n: e.LegNoisy(n.session, n.noisy),
    _engine.Event.LegQuiet: lambda n: e.LegQuiet(n.session, n.seconds),
}


class NativeEngine:
    """Opens sockets and starts threads when made; ``close`` ends them."""

    def __init__(
        self,
        *,
        listen: Sequence[str],
        public: Sequence[str] = (),
        workers: int = 1,
        gso: bool = True,
        phones: str | None = None,
        phone_ports: tuple[int, int] = (0, 0),
        phone_workers: int = 1,
    ) -> None:
        """Arguments as in ``_engine.pyi``. Raises ``EngineFailed``."""
        try:
            self._engine = _engine.Engine(
                listen=list(listen),
                public=list(public),
                workers=workers,
                gso=gso,
                phones=phones,
                phone_ports=phone_ports,
                phone_workers=phone_workers,
            )
        except _engine.EngineError as error:
            raise e.EngineFailed(str(error)) from error

    @property
    def fingerprint(self) -> str:
        return self._engine.fingerprint

    @property
    def candidates(self) -> Sequence[tuple[str, int]]:
        return self._engine.candidates

    def fileno(self) -> int:
        return self._engine.fileno()

    def poll(self) -> Sequence[e.Event]:
        """Raises ``EngineFailed`` when one of the engine's threads has died."""
        try:
            events = self._engine.poll()
        except _engine.EngineError as error:
            raise e.EngineFailed(str(error)) from error
        return [_EVENTS[type(event)](event) for event in events]

    def submit(self, command: e.Command) -> None:
        """Raises ``EngineFailed``."""
        try:
            self._engine.submit(_COMMANDS[type(command)](**_arguments(command)))
        except _engine.EngineError as error:
            raise e.EngineFailed(str(error)) from error

    def publish(
        self, room: e.RoomNumber, session: e.SessionNumber, offer: str, *, label: str
    ) -> str:
        """Raises ``OfferUnanswerable``, ``EngineFailed``."""
        try:
            return self._engine.publish(room, session, offer, label=label)
        except _engine.OfferError as error:
            raise e.OfferUnanswerable(str(error)) from error
        except _engine.EngineError as error:
            raise e.EngineFailed(str(error)) from error

    def open_leg(self, session: e.SessionNumber) -> tuple[str, int]:
        """Raises ``EngineFailed``, also when no port is free."""
        try:
            return self._engine.open_leg(session)
        except _engine.EngineError as error:
            raise e.EngineFailed(str(error)) from error

    def load_prompt(self, name: str, pcm: bytes) -> None:
        """Raises ``EngineFailed``."""
        try:
            self._engine.load_prompt(name, pcm)
        except _engine.EngineError as error:
            raise e.EngineFailed(str(error)) from error

    def figures(self) -> EngineFigures:
        """Raises ``EngineFailed``."""
        try:
            stats = self._engine.stats()
        except _engine.EngineError as error:
            raise e.EngineFailed(str(error)) from error
        values = {f.name: getattr(stats, f.name) for f in fields(EngineFigures)}
        return EngineFigures(**values | {"threads": tuple(stats.threads)})

    def close(self) -> None:
        self._engine.close()


def _arguments(value: Any) -> dict[str, Any]:
    """A command's fields by name; the stub and the values agree on every name."""
    return {f.name: _argument(getattr(value, f.name)) for f in fields(value)}


def _argument(value: Any) -> Any:
    match value:
        case e.StreamChoice():
            return _native_stream(value)
        case tuple():
            return [_argument(item) for item in value]
        case _:
            return value


def _native_stream(stream: e.StreamChoice) -> _engine.Stream:
    codecs = [_engine.Codec(c.name, c.payload_type, fmtp=c.fmtp, rtx=c.rtx) for c in stream.codecs]
    return _engine.Stream(
        stream.mid,
        stream.kind,
        stream.slot,
        stream.ssrc,
        codecs,
        rtx_ssrc=stream.rtx_ssrc,
        mid_extension=stream.mid_extension,
        abs_send_time_extension=stream.abs_send_time_extension,
    )
