"""What is agreed about a call's sound: offers and answers of one leg, one after the other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from podium.hall.legs import LegId, LegMedia, OpenLeg
from podium.telephone.sip.agreement import Capabilities, LocalLeg, Negotiated, NotAcceptable
from podium.telephone.sip.offer_answer import accept_answer, answer, make_offer
from podium.telephone.sip.sdes import SEED_LENGTH
from podium.telephone.sip.sdp import SessionDescription, parse_sdp
from podium.telephone.sip.syntax import SipSyntaxError


class NothingInCommon(Exception):
    """The peer's fault: its description cannot be read, or has nothing that we can do."""


@dataclass(frozen=True, slots=True)
class Terms:
    """``address``: how peers reach our legs."""

    can: Capabilities
    address: str = field(repr=False)


class Sound:
    def __init__(self, opened: OpenLeg, terms: Terms) -> None:
        self._can = terms.can
        self._local = LocalLeg(
            address=terms.address,
            port=opened.port,
            session_id=secrets.randbits(62),
            srtp_seed=secrets.token_bytes(SEED_LENGTH),
        )
        self._said: SessionDescription | None = None
        self.leg: LegId = opened.leg
        self.has_events = False
        """Keys come with the sound (RFC 4733)."""

    def offer(self) -> bytes:
        self._said = make_offer(self._can, self._local, self._said)
        return str(self._said).encode()

    def answer(self, offer: bytes) -> tuple[bytes, LegMedia]:
        """Raises ``NothingInCommon``."""
        try:
            found = answer(parse_sdp(offer), self._can, self._local, self._said)
        except SipSyntaxError as error:
            raise NothingInCommon from error
        media = self._agreed(found)
        return str(self._said).encode(), media

    def answered(self, theirs: bytes) -> LegMedia:
        """The peer's answer to our last offer. Raises ``NothingInCommon``."""
        if self._said is None:
            raise NothingInCommon
        try:
            found = accept_answer(self._said, parse_sdp(theirs), self._can, self._local)
        except SipSyntaxError as error:
            raise NothingInCommon from error
        return self._agreed(found)

    def _agreed(self, found: Negotiated | NotAcceptable) -> LegMedia:
        if isinstance(found, NotAcceptable):
            raise NothingInCommon
        self._said = found.local
        self.has_events = found.media.events_payload_type is not None
        return found.media
