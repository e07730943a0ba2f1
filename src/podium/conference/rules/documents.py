"""Documents of the conference: attached, shared with the venues, taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.documents import DOCUMENTS_MOST, Document, DocumentId
from podium.conference.refusals import Refusal
from podium.conference.rules.common import NOTHING, Decision, Rules
from podium.conference.rules.written import bad_ids, bad_words
from podium.conference.state import Conference


def attach(state: Conference, command: c.AttachDocument, _: datetime) -> Decision:
    """The same content may stand once under each agenda item."""
    document = command.document
    if len(state.documents) >= DOCUMENTS_MOST:
        return r.TOO_MANY_DOCUMENTS
    if document.item is not None and all(i.id != document.item for i in state.agenda):
        return r.UNKNOWN_ITEM
    place = (document.digest, document.item)
    if any((d.digest, d.item) == place or d.id == document.id for d in state.documents):
        return r.DOCUMENT_THERE
    return bad_ids((document.id,)) or _bad_name(document.name) or (e.DocumentAttached(document),)


def _bad_name(name: str) -> Refusal | None:
    return r.BAD_FILE_NAME if bad_words(name) or any(ch in name for ch in "/\\") else None


def share(state: Conference, command: c.ShareDocument, _: datetime) -> Decision:
    found = _known(state, command.id)
    if isinstance(found, Refusal):
        return found
    if found.shared == command.shared:
        return NOTHING
    return (e.DocumentShared(found.id, command.shared),)


def remove(state: Conference, command: c.RemoveDocument, _: datetime) -> Decision:
    found = _known(state, command.id)
    return found if isinstance(found, Refusal) else (e.DocumentRemoved(found.id),)


def _known(state: Conference, id_: DocumentId) -> Document | Refusal:
    return next((d for d in state.documents if d.id == id_), r.UNKNOWN_DOCUMENT)


RULES: Final[Rules] = {
    c.AttachDocument: attach,
    c.ShareDocument: share,
    c.RemoveDocument: remove,
}
AFTER_THE_END: Final = frozenset(RULES)
"""Papers may be handed in when the conference is over; when they were is recorded."""
