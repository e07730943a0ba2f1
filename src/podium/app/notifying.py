"""The notices' task: set up from the settings, ended with the house."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from podium.config.notices import NoticesSection
from podium.desk.programmes import Programmes
from podium.hall.ports import Clock
from podium.notices.channels import Channel, EmailChannel, SmtpSettings, WebhookChannel
from podium.notices.dispatch import Dispatch
from podium.store.opening import Store


@asynccontextmanager
async def sending_notices(
    section: NoticesSection, programmes: Programmes, store: Store, clock: Clock
) -> AsyncIterator[None]:
    """Looks who is late, makes messages of what is new in the logs, and sends them."""
    channels: dict[str, Channel] = {}
    if section.smtp_host is not None:
        channels["email"] = EmailChannel(_smtp(section, section.smtp_host))
    hook = None
    if section.webhook_url is not None and section.webhook_secret is not None:
        hook = channels["webhook"] = WebhookChannel(section.webhook_url, section.webhook_secret)
    dispatch = Dispatch(programmes, store.notices, store.contacts, channels, clock)
    task = asyncio.create_task(dispatch.run(), name="notices")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if hook is not None:
            await hook.close()


def _smtp(section: NoticesSection, host: str) -> SmtpSettings:
    return SmtpSettings(
        host=host,
        port=section.smtp_port,
        sender=section.sender,
        security=section.smtp_security,
        user=section.smtp_user,
        password=section.smtp_password,
    )
