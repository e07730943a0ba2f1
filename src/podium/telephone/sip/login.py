"""Our own digest credentials, for trunks (RFC 3261 22)."""

from __future__ import annotations

from podium.telephone.sip.core import Chance
from podium.telephone.sip.digest import Login, answer
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Request, Response

_CARRIED = ("Authorization", "Proxy-Authorization")


class LoginSigner:
    """A ``Signer`` with one name and password."""

    def __init__(self, login: Login, chance: Chance) -> None:
        self._login = login
        self._chance = chance

    def sign(self, request: Request, challenge: Response) -> Headers | None:
        cnonce = f"{self._chance.getrandbits(64):016x}"
        answered = answer(request, challenge, self._login, cnonce)
        return None if answered is None else answered.request.headers.only(*_CARRIED)
