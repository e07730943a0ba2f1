"""How a message leaves the house. A channel raises ``NotSent`` and says whether to try again."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final, Literal, Protocol

import aiosmtplib
import httpx

from podium.desk.ports import Message

SECONDS: Final = 30.0
_PERMANENT: Final = range(500, 600)
Security = Literal["none", "starttls", "tls"]


class NotSent(Exception):
    """``args[0]`` says why, without an address. ``final``: trying again is no use."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


class Channel(Protocol):
    async def send(self, id_: int, message: Message) -> None:
        """Returns once the other side has taken it. Raises ``NotSent``."""
        ...


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None


class EmailChannel:
    """One connection for each message: notices come in small numbers, and a connection that is
    kept is one that may be dead."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    async def send(self, id_: int, message: Message) -> None:
        settings = self._settings
        try:
            await aiosmtplib.send(
                self._email(id_, message),
                hostname=settings.host,
                port=settings.port,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                username=settings.user,
                password=settings.password,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            final = all(refused.code in _PERMANENT for refused in error.recipients)
            raise NotSent("the mail server refuses the recipient", final=final) from error
        except aiosmtplib.SMTPResponseException as error:
            raise NotSent(f"the mail server answers {error.code}") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(f"the mail server failed ({type(error).__name__})") from error

    def _email(self, id_: int, message: Message) -> EmailMessage:
        domain = self._settings.sender.rpartition("@")[2].rstrip(">") or "localhost"
        email = EmailMessage()
        email["From"] = self._settings.sender
        email["To"] = message.recipient
        email["Subject"] = " ".join(message.subject.split())
        email["Date"] = formatdate(localtime=False)
        email["Message-ID"] = make_msgid(f"notice-{id_}", domain=domain)
        email["Auto-Submitted"] = "auto-generated"  # RFC 3834
        email.set_content(message.body)
        return email


class WebhookChannel:
    """POSTs the message's JSON, signed so that the receiver knows who sent it and when.

    ``Podium-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`` and a
    ``Podium-Delivery`` that stays the same when a delivery is repeated.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        clock: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._secret = secret.encode()
        self._clock = clock
        self._http = httpx.AsyncClient(
            timeout=SECONDS, follow_redirects=False, trust_env=False, transport=transport
        )

    async def send(self, id_: int, message: Message) -> None:
        body = message.body.encode()
        headers = {
            "Content-Type": "application/json",
            "Podium-Delivery": str(id_),
            "Podium-Signature": signature(self._secret, int(self._clock()), body),
        }
        try:
            answer = await self._http.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise NotSent(f"the webhook failed ({type(error).__name__})") from error
        if not answer.is_success:
            gone = answer.status_code in (400, 401, 403, 404, 405, 410, 413, 415, 422)
            raise NotSent(f"the webhook answers {answer.status_code}", final=gone)

    async def close(self) -> None:
        await self._http.aclose()


def signature(secret: bytes, at: int, body: bytes) -> str:
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
