"""Documents of the conference: attached, shared with the venues, taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.conferences import CHAIR, NOON, OFFICE, SUMMARY, Story, closed, scheduled

from podium.conference import commands as c
from podium.conference import events as e
from podium.conference import refusals as r
from podium.conference.documents import DOCUMENTS_MOST, Document, DocumentId, FileKind
from podium.conference.refusals import Refusal

PAPER = Document(DocumentId("paper"), "会议材料.pdf", FileKind.PDF, "a" * 64, 1234, SUMMARY)


def numbered(number: int) -> Document:
    return replace(PAPER, id=DocumentId(f"paper-{number}"), digest=f"{number:064x}", item=None)


def attached(*documents: Document) -> Story:
    return scheduled().do(OFFICE, *map(c.AttachDocument, documents))


def test_a_document_is_attached_shared_and_removed() -> None:
    story = attached(PAPER)
    assert story.entries[-1].event == e.DocumentAttached(PAPER)
    assert story.conference.documents == (PAPER,)
    story = story.do(CHAIR, c.ShareDocument(PAPER.id))
    assert story.conference.documents == (replace(PAPER, shared=True),)
    assert story.ask(c.ShareDocument(PAPER.id), CHAIR) == ()
    story = story.do(CHAIR, c.ShareDocument(PAPER.id, shared=False))
    assert story.conference.documents == (PAPER,)
    story = story.do(OFFICE, c.RemoveDocument(PAPER.id))
    assert story.conference.documents == ()
    assert story.ask(c.RemoveDocument(PAPER.id), OFFICE) is r.UNKNOWN_DOCUMENT
    assert story.ask(c.ShareDocument(PAPER.id), OFFICE) is r.UNKNOWN_DOCUMENT


def test_the_same_file_may_be_under_two_items_but_not_twice_under_one() -> None:
    again = replace(PAPER, id=DocumentId("again"))
    assert attached(PAPER).ask(c.AttachDocument(again), OFFICE) is r.DOCUMENT_THERE
    elsewhere = replace(again, item=None)
    assert attached(PAPER, elsewhere).conference.documents == (PAPER, elsewhere)


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        (replace(PAPER, item="none"), r.UNKNOWN_ITEM),
        (replace(PAPER, name="../paper.pdf"), r.BAD_FILE_NAME),
        (replace(PAPER, name="a\\b.pdf"), r.BAD_FILE_NAME),
        (replace(PAPER, name=" "), r.BAD_FILE_NAME),
        (replace(PAPER, name="a\nb.pdf"), r.BAD_FILE_NAME),
        (replace(PAPER, name=f"{'x' * 200}.pdf"), r.BAD_FILE_NAME),
        (replace(PAPER, id=DocumentId("two words")), r.BAD_IDENTIFIER),
    ],
)
def test_what_cannot_be_attached(document: Document, refusal: Refusal) -> None:
    assert scheduled().ask(c.AttachDocument(document), OFFICE) is refusal


def test_there_are_only_so_many() -> None:
    story = attached(*map(numbered, range(DOCUMENTS_MOST)))
    assert story.ask(c.AttachDocument(PAPER), OFFICE) is r.TOO_MANY_DOCUMENTS


def test_papers_may_be_handed_in_after_the_end() -> None:
    story = closed().do(OFFICE, c.AttachDocument(PAPER), c.ShareDocument(PAPER.id))
    assert story.conference.documents[0].shared
    assert story.entries[-1].at > NOON
