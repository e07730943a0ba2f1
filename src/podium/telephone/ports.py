"""What the telephone needs of other rooms, and of its own user agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from podium.conference.commands import Actor, Command
from podium.conference.state import Conference, ConferenceId, VenueId
from podium.hall.legs import LegId, LegMedia, LegNotice, OpenLeg
from podium.hall.loop import Outcome
from podium.hall.notebook import Notes
from podium.hall.pins import PinHolder
from podium.hall.subscription import Subscription
from podium.telephone.dialplan import Route
from podium.telephone.sip.events import CallKey
from podium.telephone.sip.outgoing import Invitation


class Legs(Protocol):
    """The sound of calls. Nothing here blocks; what is not there any more is ignored."""

    def open(self) -> OpenLeg:
        """Raises ``NoLegFree``."""
        ...

    def set(self, leg: LegId, media: LegMedia) -> None:
        """What was agreed, at first and whenever it changes."""
        ...

    def attach(self, leg: LegId, conference: ConferenceId, venue: VenueId) -> None:
        """It hears the conference and speaks as this venue."""
        ...

    def play(self, leg: LegId, names: Sequence[str], *, over: bool) -> None:
        """In place of what is playing; nothing: silence. ``over`` the sound of the room."""
        ...

    def close(self, leg: LegId) -> None: ...

    def listen(self, listener: Callable[[LegNotice], None]) -> None:
        """``listener`` is told of everything that legs bring, on the event loop."""
        ...


class Agent(Protocol):
    """:class:`podium.telephone.sip.agent.UserAgent`, with its shell's time."""

    def invite(self, invitation: Invitation) -> CallKey: ...

    def ring(self, call: CallKey, status: int = 180) -> None: ...

    def accept(self, call: CallKey, sdp: bytes) -> None: ...

    def reject(self, call: CallKey, status: int) -> None: ...

    def answer_reoffer(self, call: CallKey, sdp: bytes) -> None: ...

    def refuse_reoffer(self, call: CallKey, status: int = 488) -> None: ...

    def hang_up(self, call: CallKey) -> None: ...


class Hall(Protocol):
    """:class:`podium.hall.loop.Hall`, as far as calls need it."""

    @property
    def state(self) -> Conference | None: ...

    @property
    def seq(self) -> int:
        """Of the last entry that ``state`` knows."""
        ...

    async def submit(self, command: Command, actor: Actor) -> Outcome:
        """Raises ``HallStopped``, ``HallBusy``, ``CommandFailed``."""
        ...

    def subscribe(self) -> Subscription:
        """Raises ``HallStopped``."""
        ...


class Conferences(Protocol):
    """:class:`podium.hall.registry.Halls`, as far as calls need it."""

    async def get(self, conference: ConferenceId) -> Hall | None:
        """Raises ``HallStopped`` and what the log raises."""
        ...

    def post(self, conference: ConferenceId, command: Command, actor: Actor) -> None:
        """Never waits and never raises."""
        ...

    def opened(self) -> Sequence[Hall]:
        """Those of all unfinished conferences, and perhaps others."""
        ...


class Pins(Protocol):
    async def find(self, pin: str) -> PinHolder | None:
        """Not slowed: that is the guard's."""
        ...


class Notebook(Protocol):
    """What is written down to survive a restart."""

    async def read(self) -> Notes:
        """Everything. Raises ``OSError``."""
        ...

    async def write(self, notes: Notes) -> None:
        """What has changed, all or nothing. Raises ``OSError``."""
        ...


class Routes(Protocol):
    """How our own telephones and the trunks are reached at this moment."""

    def ways(self, route: Route) -> Sequence[Callable[[bytes], Invitation]]:
        """In the order in which they are to be tried, each given our SDP offer. Nothing: a
        telephone of ours that is not registered."""
        ...
