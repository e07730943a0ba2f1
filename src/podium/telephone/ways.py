"""How a number is reached at this moment: our own telephones where they are registered, everything
else by the trunks that are up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from podium.telephone.dialplan import Route, ToAccount
from podium.telephone.sip.core import Chance
from podium.telephone.sip.login import LoginSigner
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.registrar import Binding
from podium.telephone.sip.registration import Trunk
from podium.telephone.sip.uri import NameAddr, Uri


class Lines(Protocol):
    """The registrar and the trunks."""

    def bindings(self, account: str) -> Sequence[Binding]:
        """Where the account's telephones are, the one heard of last first."""
        ...

    def usable(self) -> Sequence[Trunk]:
        """Those that are up before those that may be."""
        ...


class Ways:
    """``us``: who calls our own telephones. ``callers``: the number that a trunk's called see."""

    def __init__(self, lines: Lines, us: Uri, callers: Mapping[str, str], chance: Chance) -> None:
        self._lines = lines
        self._us = NameAddr(us)
        self._callers = callers
        self._chance = chance

    def ways(self, route: Route) -> Sequence[Callable[[bytes], Invitation]]:
        if isinstance(route, ToAccount):
            return [self._to_phone(found) for found in self._lines.bindings(route.account)]
        trunks = (trunk for trunk in self._lines.usable() if trunk.name in route.trunks)
        return [self._by_trunk(trunk, route.number) for trunk in trunks]

    def _to_phone(self, binding: Binding) -> Callable[[bytes], Invitation]:
        return lambda sdp: Invitation(binding.contact, sdp, self._us, binding.where)

    def _by_trunk(self, trunk: Trunk, number: str) -> Callable[[bytes], Invitation]:
        caller = self._callers.get(trunk.name, trunk.identity.user)
        identity = trunk.identity
        return lambda sdp: Invitation(
            target=Uri(identity.scheme, number, identity.host),
            offer=sdp,
            from_=NameAddr(Uri(identity.scheme, caller, identity.host)),
            where=(trunk.server,),
            signer=None if trunk.login is None else LoginSigner(trunk.login, self._chance),
        )
