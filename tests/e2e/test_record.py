"""The record's page in Chromium, of the model case as it was held: search, from a sentence of the
communique to the entries that it rests on, documents, measures, and every export as a file that
opens."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import docx
import pytest
from playwright.async_api import Page, expect
from tests.record.model_case import held
from tests.support import browsers
from tests.support.pages import sign_in
from tests.support.past import lay_down
from tests.support.stage import PATIENCE, free_port

from podium.conference.state import ConferenceId, VenueId
from podium.demo.console import Console
from podium.demo.server import Server, prepare
from podium.demo.work import HELD, PROGRAMME
from podium.record.export.tables import Table

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed"),
]
CONFERENCE = ConferenceId("model")
PAPER = b"%PDF-1.7\n%papers of the conference\n%%EOF\n"


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """The record of the model case, Hainan absent, with a document and two measures issued."""
    story = held(absent=[VenueId("460000")])
    account = await prepare(tmp_path)
    await lay_down(tmp_path, CONFERENCE, story.entries)
    server = await Server.start(free_port(), tmp_path)
    console = Console(server.url, account.token, CONFERENCE)
    try:
        base = f"/api/conferences/{CONFERENCE}"
        await console.ask(
            "POST",
            f"{base}/documents?name=Papers.pdf&item=item-2&shared=true",
            content=PAPER,
        )
        issue = {"programme": PROGRAMME, "item": "item-3", "measures": HELD, "to": "invited"}
        await console.ask("POST", f"{base}/deployment", json={**issue, "due": "2099-12-31"})
        expect.set_options(timeout=PATIENCE * 1000)
        async with browsers.chromium(tmp_path, 7) as page:
            page.set_default_timeout(PATIENCE * 1000)
            address = f"{server.url}/record/{CONFERENCE}"
            await sign_in(page, address, account.name, account.password)
            await expect(page.get_by_test_id("record-proof")).to_be_visible()
            yield page
    finally:
        await console.close()
        await server.stop()


async def seqs(page: Page) -> list[int]:
    found = await page.get_by_test_id("record-timeline").locator(".seq").all_inner_texts()
    return [int(seq) for seq in found]


async def test_search_and_links_and_what_was_handed_out(page: Page) -> None:
    search = page.get_by_test_id("record-search")
    timeline = page.get_by_test_id("record-timeline")
    await search.fill("zhejiang floor")
    await expect(timeline.locator(".line")).to_have_count(2)
    await expect(timeline).to_contain_text("Zhejiang was given the floor")
    await search.fill("浙江 发言权")
    await expect(timeline.locator(".line")).to_have_count(1)
    await search.fill("")

    await page.get_by_test_id("record-view-communique").click()
    await page.get_by_test_id("communique-draft").click()
    opening = page.locator('[data-piece="opening"]')
    await expect(opening).to_contain_text("On 1 March 2023")
    await expect(opening).to_contain_text("was held in Beijing")
    await page.get_by_test_id("linked-opening").click()
    await expect(timeline.locator(".line")).to_have_count(3)
    for words in ("was scheduled", "Place of the conference: Beijing", "The session began"):
        await expect(timeline).to_contain_text(words)
    linked = await seqs(page)
    await page.get_by_test_id("record-all").click()
    await expect(timeline.locator(".line")).not_to_have_count(3)
    assert linked == sorted(linked)

    await page.get_by_test_id("record-view-documents").click()
    documents = page.get_by_test_id("record-documents")
    async with page.expect_download() as downloading:
        await documents.get_by_role("link", name="Papers.pdf").click()
    assert (await (await downloading.value).path()).read_bytes() == PAPER
    await expect(documents).to_contain_text("SHA-256")
    measures = page.get_by_test_id("record-measures")
    await expect(measures.locator("tbody tr")).to_have_count(len(HELD))
    programme = page.get_by_test_id(f"record-programme-{PROGRAMME}")
    await expect(programme).to_have_attribute("href", f"/work/{PROGRAMME}")

    await page.get_by_test_id("record-view-floor").click()
    await expect(page.get_by_test_id("record-floor")).to_contain_text("Zhejiang")
    await page.get_by_test_id("record-aired").get_by_role("button").first.click()
    await expect(timeline).to_contain_text("On air")

    await page.get_by_test_id("record-view-attendance").click()
    rows = page.get_by_test_id("record-attendance").locator("tbody tr")
    await expect(rows).to_have_count(54)
    await page.get_by_test_id("attendance-search").fill("zhou guodong")
    await expect(rows).to_have_count(1)
    await page.get_by_test_id("attendance-search").fill("")
    await page.get_by_role("button", name="Not present").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Hainan commerce department")


async def download(page: Page, file: str) -> bytes:
    async with page.expect_download() as downloading:
        await page.locator(f'.exports a[href*="/record/{file}?"]').click()
    return (await (await downloading.value).path()).read_bytes()


def printed(pdf: bytes, scratch: Path) -> str:
    (scratch / "paper.pdf").write_bytes(pdf)
    command = ["pdftotext", str(scratch / "paper.pdf"), "-"]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()


async def test_every_export_opens(page: Page, tmp_path: Path) -> None:
    await page.get_by_test_id("record-exports").click()
    for paper, words in (("record", "Beijing main venue"), ("minutes", "Branch venues")):
        content = await download(page, f"{paper}.docx")
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            assert package.testzip() is None
        opened = docx.Document(io.BytesIO(content))
        cells = [c.text for t in opened.tables for row in t.rows for c in row.cells]
        assert any(words in text for text in [*(p.text for p in opened.paragraphs), *cells])
        content = await download(page, f"{paper}.pdf")
        assert content.startswith(b"%PDF-")
        if shutil.which("pdftotext") is not None:
            assert words in await asyncio.to_thread(printed, content, tmp_path)
    record = json.loads(await download(page, "record.json"))
    assert record["totals"]["present"] == 53
    assert record["documents"][0]["name"] == "Papers.pdf"
    for table in Table:
        content = await download(page, f"{table.value}.csv")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1, table
        wanted = {
            Table.ATTENDANCE: 54,
            Table.TIMELINE: len(record["timeline"]),
            Table.PEOPLE: 60,
            Table.AGENDA: 5,
            Table.FLOOR: 1,
            Table.AIRED: len(record["aired"]),
            Table.INCIDENTS: 0,
            Table.DOCUMENTS: 1,
            Table.MEASURES: len(HELD),
        }[table]
        assert len(rows) == wanted + 1, table
