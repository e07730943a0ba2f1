"""Documents over HTTP: what is taken, who may have it, and what it is served as."""

from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import docx
import httpx
import pytest
from openpyxl import Workbook
from tests.support.conferences import CONFERENCE, SUMMARY, ZHEJIANG
from tests.support.web import Web

from podium.conference import commands as c
from podium.conference.documents import FileKind
from podium.hall.access import AccountRole
from podium.web.errors import ApiError
from podium.web.filetype import kind_of
from podium.web.limits import FILE_BYTES, KIB, read_body

PATH = f"/api/conferences/{CONFERENCE}/documents"
PDF = b"%PDF-1.7\n%the papers\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
JPEG = b"\xff\xd8\xff\xe0" + bytes(32)


def word() -> bytes:
    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def table() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def package(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileKind.PDF),
        (PNG, FileKind.PNG),
        (JPEG, FileKind.JPEG),
        (word(), FileKind.DOCX),
        (table(), FileKind.XLSX),
        (package("[Content_Types].xml", "ppt/presentation.xml"), FileKind.PPTX),
        (package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (package("word/document.xml"), None),
        (package("readme.txt"), None),
        (b"PK\x03\x04 and then nothing", None),
        (b"MZ\x90\x00", None),
        (b"<html>%PDF-1.7</html>", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None),
        (b"", None),
    ],
)
def test_the_content_says_what_it_is(content: bytes, kind: FileKind | None) -> None:
    assert kind_of(content) is kind


async def attach(
    web: Web,
    content: bytes = PDF,
    name: str = "会议材料.pdf",
    role: AccountRole = AccountRole.OFFICE,
    **more: Any,
) -> httpx.Response:
    person = await web.person(role)
    headers = {**person.browser, "Content-Type": "application/octet-stream"}
    return await web.http.post(
        PATH, params={"name": name, **more}, content=content, headers=headers
    )


async def documents(web: Web, **asked: Any) -> list[dict[str, Any]]:
    """As a console sees them."""
    person = await web.person(AccountRole.OFFICE)
    answer = await web.http.get(f"/api/conferences/{CONFERENCE}", headers=person.browser)
    found: list[dict[str, Any]] = answer.json()["view"]["documents"]
    return found


async def test_a_document_is_kept_under_its_hash_and_comes_back(web: Web, tmp_path: Path) -> None:
    answer = await attach(web, item=SUMMARY, shared=True)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    digest = sha256(PDF).hexdigest()
    assert made["digest"] == digest
    assert (tmp_path / "documents" / digest[:2] / digest).read_bytes() == PDF
    (seen,) = await documents(web)
    assert seen == {
        "id": made["id"],
        "name": "会议材料.pdf",
        "kind": "pdf",
        "size": len(PDF),
        "digest": digest,
        "item": SUMMARY,
        "shared": True,
    }
    observer = await web.person(AccountRole.OBSERVER)
    got = await web.http.get(f"{PATH}/{made['id']}", headers=observer.browser)
    assert got.content == PDF
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E4%BC%9A")


async def test_a_venue_has_what_is_shared_and_nothing_else(web: Web) -> None:
    kept = (await attach(web)).json()["id"]
    given = (await attach(web, PNG, "chart.png", shared=True)).json()["id"]

    async def by_link(id_: str) -> int:
        path = f"/api/join/documents/{id_}"
        return (await web.http.get(path, headers=web.station(ZHEJIANG))).status_code

    assert (await by_link(given), await by_link(kept), await by_link("none")) == (200, 404, 404)
    socket = await web.station_socket(ZHEJIANG)
    view = (await socket.hear("snapshot"))["view"]
    assert [d["id"] for d in view["documents"]] == [given]
    await web.do(c.ShareDocument(kept))
    while "documents" not in (delta := await socket.hear("delta"))["set"]:
        pass  # the station's own coming is told too
    assert [d["id"] for d in delta["set"]["documents"]] == [kept, given]
    await socket.leave()
    assert await by_link(kept) == 200
    await web.do(c.RemoveDocument(given))
    assert await by_link(given) == 404
    account = await web.http.get(f"{PATH}/{kept}", headers=web.station(ZHEJIANG))
    assert account.status_code == 403
    await web.do(c.WithdrawVenue(ZHEJIANG))
    assert await by_link(kept) == 403


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"MZ\x90\x00", "programme.pdf", 415, "document_type"),
        (b"", "empty.pdf", 415, "document_type"),
        (PDF, "paper.docx", 422, "document_name"),
        (PDF, "no-ending", 422, "document_name"),
        (PDF, "a/b.pdf", 409, "bad_file_name"),
        (bytes(FILE_BYTES + 1), "large.pdf", 413, "too_large"),
    ],
)
async def test_what_is_not_taken_is_said(
    web: Web, content: bytes, name: str, status: int, code: str
) -> None:
    answer = await attach(web, content, name)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await documents(web) == []


async def test_nobody_names_a_file_that_they_have_not_sent(web: Web) -> None:
    """A digest is no way to another's file."""
    person = await web.person(AccountRole.OFFICE)
    document = {"id": "x", "name": "x.pdf", "kind": "pdf", "digest": "a" * 64, "size": 1}
    answer = await web.http.post(
        f"/api/conferences/{CONFERENCE}/commands",
        json={"type": "attach_document", "document": document},
        headers=person.browser,
    )
    assert answer.json()["error"]["code"] == "invalid"
    assert await documents(web) == []


async def test_a_file_that_is_gone_from_the_disk_is_not_found(web: Web, tmp_path: Path) -> None:
    made = (await attach(web)).json()
    (tmp_path / "documents" / made["digest"][:2] / made["digest"]).unlink()
    person = await web.person(AccountRole.OFFICE)
    answer = await web.http.get(f"{PATH}/{made['id']}", headers=person.browser)
    assert answer.status_code == 404


async def test_the_record_lists_documents_with_hash_and_times(web: Web) -> None:
    made = (await attach(web, item=SUMMARY)).json()
    for command in (c.ShareDocument(made["id"]), c.RemoveDocument(made["id"])):
        web.clock.advance(timedelta(minutes=1))
        await web.do(command)
    person = await web.person(AccountRole.OFFICE)
    base = f"/api/conferences/{CONFERENCE}/record"
    record = (await web.http.get(base, headers=person.browser)).json()
    (found,) = record["documents"]
    assert found["digest"] == made["digest"]
    assert found["attached_at"] < found["shared_at"] < found["removed_at"]
    assert len(found["entries"]) == 3
    lines = [line for line in record["timeline"] if line["topic"] == "documents"]
    assert [line["seq"] for line in lines] == found["entries"]
    assert "会议材料.pdf" in lines[0]["words"]["zh"]
    rows = await web.http.get(f"{base}/documents.csv", headers=person.browser)
    assert made["digest"] in rows.text


async def test_a_large_file_may_come_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time allowed grows with the size allowed."""
    monkeypatch.setattr("podium.web.limits.BODY_SECONDS", 0.05)

    async def slowly() -> dict[str, Any]:
        await asyncio.sleep(0.1)  # time itself is what is tested
        return {"type": "http.request", "body": b"x", "more_body": False}

    assert await read_body({"headers": []}, slowly, FILE_BYTES) == b"x"
    with pytest.raises(ApiError):
        await read_body({"headers": []}, slowly, KIB)
