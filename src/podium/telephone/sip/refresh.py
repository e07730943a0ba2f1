"""Session timers at work (RFC 4028): refreshing our part, ending what is not refreshed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from podium.telephone.sip import session_timer
from podium.telephone.sip.dialog import Dialog, contact
from podium.telephone.sip.events import Failure, Why
from podium.telephone.sip.exchange import Draft, Exchange, Signer
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import ALLOW, SUPPORTED, Line, option_tags
from podium.telephone.sip.message import Request, Response
from podium.telephone.sip.session_timer import SessionPolicy, SessionTimer
from podium.telephone.sip.timers import Alarm

GONE: Final = frozenset({408, 481})
"""The peer does not know the dialog any more (RFC 3261 12.2.1.2)."""
_NO_UPDATE: Final = frozenset({405, 500, 501})


def is_gone(failure: Failure) -> bool:
    return failure is not Failure.CANCELLED


class Refresher:
    """``reinvite`` refreshes where the peer has no UPDATE; ``over`` ends the session."""

    def __init__(
        self,
        line: Line,
        dialog: Dialog,
        signer: Signer | None,
        reinvite: Callable[[], None],
        over: Callable[[Why], None],
    ) -> None:
        self._line = line
        self._dialog = dialog
        self._signer = signer
        self._reinvite = reinvite
        self._over = over
        self._alarms: list[Alarm] = []
        self._exchange: Exchange | None = None
        self._closed = False
        self.policy: SessionPolicy = line.policy.session
        self.timer: SessionTimer | None = None
        self.peer_updates = False
        """Whether the peer's Allow names UPDATE."""

    def learn(self, message: Request | Response) -> None:
        if "Allow" in message.headers:
            self.peer_updates = "update" in option_tags(message, "Allow")

    def run(self, timer: SessionTimer) -> None:
        """From now, which is when the 2xx of an INVITE or UPDATE goes or comes."""
        if self._closed:
            return
        core = self._line.core
        self._stop()
        self.timer = timer
        self._alarms = [core.after(timer.expire_after, lambda: self._over(Why.EXPIRED))]
        if timer.ours:
            self._alarms.append(core.after(timer.refresh_after, self._refresh))

    def close(self) -> None:
        """The session is over; an answer that still comes changes nothing."""
        self._closed = True
        self._stop()

    def _stop(self) -> None:
        for alarm in self._alarms:
            self._line.core.alarms.cancel(alarm)
        self._alarms = []

    def raise_least(self, response: Response) -> bool:
        """After a 422: whether it makes sense to ask again."""
        least = session_timer.demanded(response)
        if least is None or least <= self.policy.least:
            return False
        self.policy = self.policy.raised_to(least)
        return True

    def _refresh(self) -> None:
        if not self.peer_updates:
            self._reinvite()
        elif self._exchange is None:
            draft = Draft(
                self._update, self._dialog.next_number, self._dialog.where(), self._signer
            )
            self._exchange = Exchange(self._line.core, self._line.transactions, draft, self)
            self._exchange.start()

    def _update(self, flow: Flow, number: int) -> Request:
        named = contact(self._line.core, flow, self._line.policy.user)
        asked = session_timer.offer(self.policy, self.timer)
        return self._dialog.request("UPDATE", number, Headers([named, ALLOW, SUPPORTED, *asked]))

    def responded(self, response: Response) -> None:
        if response.is_provisional:
            return
        self._exchange = None
        if self._closed:
            return
        if response.is_success:
            self._dialog.refresh_target(response)
            self.run(session_timer.agreed(response, self.policy))
        elif response.status in GONE:
            self._over(Why.GONE)
        elif response.status == 422 and self.raise_least(response):
            self._refresh()
        elif response.status in _NO_UPDATE:
            self.peer_updates = False
            self._reinvite()
        else:
            self.try_again()

    def failed(self, failure: Failure) -> None:
        self._exchange = None
        if is_gone(failure) and not self._closed:
            self._over(Why.GONE)

    def try_again(self) -> None:
        """Once more in the time that is left, before the session expires by itself."""
        if self.timer is not None and not self._closed:
            left = self.timer.expire_after - self.timer.refresh_after
            self._alarms.append(self._line.core.after(left / 2, self._refresh))
