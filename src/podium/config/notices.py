"""Settings of the work's notices: the mail server and the webhook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from podium.config import parsing as p
from podium.config.parsing import ConfigError, Key

SmtpSecurity = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class NoticesSection:
    """Nothing is sent where neither ``smtp_host`` nor ``webhook_url`` is set."""

    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_security: SmtpSecurity = "starttls"
    smtp_user: str | None = None
    smtp_password: str | None = None
    sender: str = "Podium <podium@localhost>"
    webhook_url: str | None = None
    webhook_secret: str | None = None
    """What deliveries are signed with."""


def _hook(value: Any) -> str:
    parts = urlsplit(p.text(value))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError
    return p.text(value)


def _sender(value: Any) -> str:
    text = p.text(value)
    if "@" not in text or not text.isprintable():
        raise ValueError
    return text


NOTICES_KEYS: Final[Sequence[Key]] = (
    Key("notices", "smtp_host", p.text, "the mail server's name or address"),
    Key("notices", "smtp_port", p.number(1, 65535), "a number from 1 to 65535"),
    Key("notices", "smtp_security", p.one_of("none", "starttls", "tls"), "none, starttls or tls"),
    Key("notices", "smtp_user", p.text, "the account on the mail server"),
    Key("notices", "smtp_password", p.text, "its password"),
    Key("notices", "sender", _sender, "name@domain, or Name <name@domain>"),
    Key("notices", "webhook_url", _hook, "http(s)://host/path, without a user"),
    Key("notices", "webhook_secret", p.text, "what deliveries are signed with"),
)
NOTICES_SECRETS: Final = frozenset(
    {"notices.smtp_password", "notices.webhook_secret", "notices.webhook_url"}
)


def check_together(section: NoticesSection) -> None:
    """Raises ``ConfigError``."""
    if (section.webhook_url is None) != (section.webhook_secret is None):
        raise ConfigError(
            "notices.webhook_url and notices.webhook_secret are set together or not at all"
        )
