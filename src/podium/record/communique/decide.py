"""What may be done to a communique: a draft can be edited and begun anew until it is approved."""

from __future__ import annotations

from typing import Final

from podium.record.communique.document import Document, text_hash
from podium.record.communique.events import (
    Approve,
    Approved,
    Command,
    Drafted,
    Event,
    Insert,
    Inserted,
    Redraft,
    Remove,
    Removed,
    Rewrite,
    Rewritten,
)
from podium.record.communique.values import SENTENCES_MOST, Gap, Sentence
from podium.values.refusal import Refusal


def _refuse(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, "client", zh, en)


FROZEN: Final = _refuse(
    "communique_frozen",
    "通稿已审定，不能再改。",
    "The communique is approved; its text can no longer change.",
)
NO_DRAFT: Final = _refuse(
    "communique_missing", "还没有通稿。请先起草。", "There is no communique yet. Draft it first."
)
UNKNOWN_PIECE: Final = _refuse(
    "unknown_piece",
    "没有这一句，它可能已被删除。请刷新。",
    "There is no such sentence; it may have been removed. Look again.",
)
CHANGED_MEANWHILE: Final = _refuse(
    "communique_changed",
    "他人刚刚修改过通稿。请查看后再改。",
    "Somebody else has just changed the communique. Look at it, then change it again.",
)
GAPS_LEFT: Final = _refuse(
    "communique_gaps",
    "通稿还有缺项。请补全或删除后再审定。",
    "The communique still has gaps. Fill or remove them before you approve it.",
)
EMPTY: Final = _refuse(
    "communique_empty", "通稿没有内容。", "The communique has no text. Write some first."
)
TOO_LONG: Final = _refuse(
    "communique_too_long",
    f"通稿最多 {SENTENCES_MOST} 句。",
    f"A communique has at most {SENTENCES_MOST} sentences.",
)
BLANK: Final = _refuse(
    "communique_blank",
    "句子不能为空。要去掉它请用删除。",
    "A sentence must not be blank. To take it out, remove it.",
)

Decision = tuple[Event, ...] | Refusal


def decide(doc: Document, command: Command, seen: int) -> Decision:
    """``seen``: the ``seq`` of the document that whoever asks has looked at."""
    if doc.approval is not None:
        return FROZEN
    if seen != doc.seq:
        return CHANGED_MEANWHILE
    if isinstance(command, Redraft):
        return (Drafted(command.pieces, command.seq, command.head),)
    if doc.drafted is None:
        return NO_DRAFT
    match command:
        case Rewrite():
            return _rewrite(doc, command)
        case Insert():
            return _insert(doc, command)
        case Remove(piece=id_):
            return UNKNOWN_PIECE if doc.find(id_) is None else (Removed(id_),)
        case Approve():
            return _approve(doc)


def _rewrite(doc: Document, command: Rewrite) -> Decision:
    found = doc.find(command.piece)
    if found is None:
        return UNKNOWN_PIECE
    if not command.zh.strip() or not command.en.strip():
        return BLANK
    same = not isinstance(found.piece, Gap) and (found.piece.zh, found.piece.en) == (
        command.zh,
        command.en,
    )
    return () if same else (Rewritten(command.piece, command.zh, command.en),)


def _insert(doc: Document, command: Insert) -> Decision:
    if len(doc.pieces) >= SENTENCES_MOST:
        return TOO_LONG
    if not command.zh.strip() or not command.en.strip():
        return BLANK
    if command.after is not None and doc.find(command.after) is None:
        return UNKNOWN_PIECE
    piece = Sentence(f"own-{doc.seq + 1}", command.zh, command.en, ())
    return (Inserted(piece, command.after),)


def _approve(doc: Document) -> Decision:
    if not doc.standing:
        return EMPTY
    return GAPS_LEFT if doc.gaps else (Approved(text_hash(doc)),)
