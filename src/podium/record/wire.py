"""The record and the communique as plain JSON values; the web describes their shapes.

Times are ISO 8601 UTC texts, lengths are seconds, texts are ``{zh, en}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from podium.conference.people import Attendee
from podium.conference.state import Text
from podium.record.communique.document import Change, Document, Tracked, text_hash
from podium.record.communique.values import Piece, Sentence
from podium.record.folds.agenda import Item
from podium.record.folds.attendance import VenueAttendance
from podium.record.folds.bodies import BodyAttendance
from podium.record.folds.cast import Cast
from podium.record.folds.documents import Attached
from podium.record.folds.incidents import Incident
from podium.record.folds.issued import Issued
from podium.record.folds.record import Record
from podium.record.folds.spans import Span
from podium.record.folds.timeline import Line
from podium.record.folds.totals import Totals
from podium.record.folds.words import REASONS
from podium.values.log import Examined

Json = dict[str, Any]


def record_json(record: Record, proof: Examined) -> Json:
    known, now = record.cast, record.as_of
    return {
        "conference": known.conference,
        "title": text(known.title or Text("", "")),
        "place": None if known.place is None else text(known.place),
        "starts_at": moment(known.starts_at),
        "as_of": moment(now),
        "phase": record.periods.phase.value,
        "session": [_span(span, now) for span in record.periods.session],
        "proof": proof_json(proof),
        "totals": _totals(record.totals),
        "venues": _venues(known),
        "agenda": [_item(item, known, now) for item in record.agenda],
        "attendance": [_attended(a, known) for a in record.attendance],
        "bodies": [_body(b) for b in record.bodies],
        "floor": [{"venue": h.venue, "asked": h.asked, **_span(h.span, now)} for h in record.floor],
        "microphones": [{"venue": m.venue, **_span(m.span, now)} for m in record.microphones],
        "aired": [
            {"slot": a.slot.value, "venue": a.venue, **_span(a.span, now)} for a in record.aired
        ],
        "incidents": [_incident(i, now) for i in record.incidents],
        "documents": [_document(a) for a in record.documents],
        "issued": [_issued(i) for i in record.issued],
        "timeline": [_line(line) for line in record.timeline],
    }


def proof_json(proof: Examined) -> Json:
    """``seq`` and ``hash``: of the newest entry that is sound."""
    wrong = proof.wrong
    return {
        "seq": proof.head.seq,
        "hash": proof.head.hash,
        "wrong": None if wrong is None else {"seq": wrong.seq, "zh": wrong.zh, "en": wrong.en},
    }


def document_json(document: Document) -> Json:
    """The communique with what was changed."""
    approval = document.approval
    return {
        "seq": document.seq,
        "record_seq": document.record_seq,
        "record_head": document.record_head,
        "drafted": None if document.drafted is None else _change(document.drafted),
        "approval": None
        if approval is None
        else {"by": approval.by.name, "at": moment(approval.at), "hash": approval.hash},
        "hash": text_hash(document),
        "pieces": [_tracked(tracked) for tracked in document.pieces],
    }


def moment(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def text(words: Text) -> Json:
    return {"zh": words.zh, "en": words.en}


def attendee(one: Attendee) -> Json:
    return {
        "name": text(one.name),
        "title": text(one.title),
        "organisation": text(one.organisation),
        "part": one.part.value,
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _span(span: Span, now: datetime) -> Json:
    return {
        "began": moment(span.began),
        "ended": moment(span.ended),
        "seconds": span.length(now).total_seconds(),
        "entries": list(span.entries),
    }


def _totals(totals: Totals) -> Json:
    return {
        "invited": totals.invited,
        "guests": totals.guests,
        "present": totals.present,
        "by_video": totals.by_video,
        "by_telephone": totals.by_telephone,
        "absent": totals.absent,
        "excused": totals.excused,
        "late": totals.late,
        "left_early": totals.left_early,
        "in_session": _seconds(totals.in_session),
        "speeches": totals.speeches,
        "speakers": totals.speakers,
        "spoke": _seconds(totals.spoke),
        "lost": totals.lost,
        "restarts": totals.restarts,
        "entries": totals.entries,
    }


def _venues(known: Cast) -> Mapping[str, Json]:
    return {
        v.id: {"name": text(v.name), "kind": v.kind.value, "organisation": v.organisation}
        for v in known.invited()
    }


def _item(item: Item, known: Cast, now: datetime) -> Json:
    noted = known.points.get(item.plan.id)
    return {
        "id": item.plan.id,
        "kind": item.plan.kind.value,
        "title": text(item.plan.title),
        "planned": _seconds(item.plan.planned),
        "planned_at": moment(item.planned_at),
        "began": moment(None if item.ran is None else item.ran.began),
        "ended": moment(None if item.ran is None else item.ran.ended),
        "over": _seconds(item.over(now)),
        "points": [] if noted is None else [text(point) for point in noted.points],
        "entries": list(item.entries),
    }


def _attended(a: VenueAttendance, known: Cast) -> Json:
    signed = known.people.get(a.venue.id)
    return {
        "venue": a.venue.id,
        "standing": a.standing.value,
        "late": _seconds(a.late),
        "left_early": _seconds(a.left_early),
        "first": moment(a.first),
        "last": moment(a.last),
        "attended": _seconds(a.attended),
        "video": _seconds(a.video),
        "telephone": _seconds(a.telephone),
        "people": [] if signed is None else [attendee(one) for one in signed.people],
        "entries": list(a.entries),
    }


def _body(body: BodyAttendance) -> Json:
    return {
        "organisation": body.organisation,
        "name": text(body.name),
        "standing": body.standing.value,
        "venues": list(body.venues),
        "people": [attendee(one) for one in body.people],
    }


def _incident(incident: Incident, now: datetime) -> Json:
    reason = REASONS.get(incident.reason, Text(incident.reason, incident.reason))
    return {
        "kind": incident.kind.value,
        "venue": incident.venue,
        "reason": text(reason),
        **_span(incident.span, now),
    }


def _document(attached: Attached) -> Json:
    document = attached.document
    return {
        "id": document.id,
        "name": document.name,
        "kind": document.kind.value,
        "size": document.size,
        "digest": document.digest,
        "item": document.item,
        "attached_at": moment(attached.at),
        "shared_at": moment(attached.shared_at),
        "removed_at": moment(attached.removed_at),
        "entries": list(attached.entries),
    }


def _issued(issued: Issued) -> Json:
    return {
        "programme": issued.programme,
        "title": text(issued.title),
        "item": issued.item,
        "at": moment(issued.at),
        "programme_entries": list(issued.entries),
        "measures": [
            {
                "id": m.id,
                "title": text(m.title),
                "due": m.due.isoformat(),
                "organisations": m.organisations,
                "signed": m.signed,
            }
            for m in issued.measures
        ],
    }


def _line(line: Line) -> Json:
    return {
        "seq": line.seq,
        "at": moment(line.at),
        "role": line.role.value,
        "topic": line.topic.value,
        "words": text(line.words),
        "venue": line.venue,
        "item": line.item,
        "elapsed": _seconds(line.elapsed),
        "rehearsal": line.rehearsal,
    }


def _piece(piece: Piece) -> Json:
    entries = list(piece.entries) if isinstance(piece, Sentence) else []
    return {
        "id": piece.id,
        "type": piece.type,
        "zh": piece.zh,
        "en": piece.en,
        "entries": entries,
    }


def _change(change: Change) -> Json:
    return {"by": change.by.name, "at": moment(change.at)}


def _tracked(tracked: Tracked) -> Json:
    return {
        **_piece(tracked.piece),
        "drafted": None if tracked.drafted is None else text_of(tracked.drafted),
        "changes": _changes(tracked.changes),
        "removed": tracked.removed,
    }


def text_of(piece: Piece) -> Json:
    return {"zh": piece.zh, "en": piece.en}


def _changes(changes: Sequence[Change]) -> list[Json]:
    return [_change(change) for change in changes]
