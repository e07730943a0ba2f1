"""The record and the communique over HTTP, on a real store."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.record import recording_kit as kit
from tests.record.test_recording import MORNING, Taken
from tests.support.conferences import BEIJING, CONFERENCE, HENAN, SYSTEM, ZHEJIANG, connected
from tests.support.web import Web

from podium.conference import commands as c
from podium.conference.people import Attendee, Part
from podium.conference.state import ItemId, Text, VenueId
from podium.hall.access import AccountRole
from podium.hall.loop import Accepted
from podium.record.recording.finishing import finish
from podium.web.shapes_record import CommuniqueShape, ConferenceRecord

PATH = f"/api/conferences/{CONFERENCE}"
SPEAKER = Attendee(
    Text("林致远", "Lin Zhiyuan"),
    Text("副部长", "Vice Minister"),
    Text("商务部", "Ministry of Commerce"),
    Part.SPEAKS,
)
OFFICIAL = Attendee(Text("褚明", "Chu Ming"), Text("司长", "Director"), SPEAKER.organisation)


@pytest.fixture
async def held(web: Web) -> Web:
    """In session, with people at the main venue and one branch venue."""
    hall = await web.house.halls.get(CONFERENCE)
    assert hall is not None
    await web.do(c.SetPlace(Text("北京", "Beijing")), c.OpenConference())
    for venue in (BEIJING, ZHEJIANG, HENAN):
        assert isinstance(await hall.submit(connected(venue), SYSTEM), Accepted)
    await web.do(
        c.SignPeopleIn(BEIJING, (SPEAKER, OFFICIAL)),
        c.StartSession(),
        c.StartItem(ItemId("summary")),
        c.GrantFloor(HENAN),
    )
    web.clock.advance(timedelta(minutes=10))
    await web.do(c.ReleaseFloor(HENAN), c.CloseConference())
    return web


async def ask(web: Web, path: str, role: AccountRole = AccountRole.OFFICE) -> Any:
    person = await web.person(role)
    return await web.http.get(f"{PATH}{path}", headers=person.browser)


async def edit(web: Web, seen: int, role: AccountRole = AccountRole.OFFICE, **edit: Any) -> Any:
    person = await web.person(role)
    body = {"seen": seen, "edit": edit}
    return await web.http.post(f"{PATH}/communique", json=body, headers=person.browser)


async def test_the_record_has_the_shape_that_the_schema_says(held: Web) -> None:
    answer = await ask(held, "/record")
    assert answer.status_code == 200
    record = ConferenceRecord.model_validate_json(answer.content)
    assert record.totals.present == 3
    assert record.proof.wrong is None
    assert record.proof.seq == record.totals.entries == len(record.timeline)
    head = await held.house.store.log.head(CONFERENCE)
    assert record.proof.hash == head.hash
    assert [h.venue for h in record.floor] == [HENAN]
    assert record.attendance[0].people[0].name.en == "Lin Zhiyuan"


async def test_a_tampered_entry_shows_in_the_record(held: Web) -> None:
    async with held.house.store.database.write() as connection:
        await connection.execute(
            text("UPDATE conference_event SET body = body || ' ' WHERE seq = 4")
        )
    record = (await ask(held, "/record")).json()
    assert record["proof"]["wrong"]["seq"] == 4
    assert record["proof"]["seq"] == 3


async def test_a_conference_that_is_not_there(web: Web) -> None:
    person = await web.person(AccountRole.OFFICE)
    for path in ("record", "record/record.json", "communique"):
        answer = await web.http.get(f"/api/conferences/none/{path}", headers=person.browser)
        assert answer.status_code == 404, path


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "table",
    [
        "timeline",
        "attendance",
        "people",
        "agenda",
        "floor",
        "aired",
        "incidents",
        "documents",
        "measures",
    ],
)
async def test_tables_are_csv(held: Web, table: str, lang: str) -> None:
    answer = await ask(held, f"/record/{table}.csv?lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert f"{CONFERENCE}-{table}.csv" in answer.headers["content-disposition"]


async def test_json_is_the_record(held: Web) -> None:
    answer = await ask(held, "/record/record.json")
    ConferenceRecord.model_validate_json(answer.content)


@pytest.mark.parametrize("kind", ["record", "minutes"])
async def test_papers_are_what_they_are_named(held: Web, kind: str) -> None:
    word = await ask(held, f"/record/{kind}.docx")
    names = zipfile.ZipFile(io.BytesIO(word.content)).namelist()
    assert "word/document.xml" in names
    pdf = await ask(held, f"/record/{kind}.pdf?lang=en")
    assert pdf.status_code == 200
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize("file", ["record.exe", "timeline.pdf", "minutes.csv", ".csv", "record"])
async def test_other_files_are_not_there(held: Web, file: str) -> None:
    assert (await ask(held, f"/record/{file}")).status_code == 404


async def test_a_communique_from_draft_to_approval(held: Web) -> None:
    empty = CommuniqueShape.model_validate_json((await ask(held, "/communique")).content)
    assert (empty.seq, empty.pieces) == (0, [])
    answer = await edit(held, 0, type="redraft")
    drafted = CommuniqueShape.model_validate_json(answer.content)
    assert drafted.pieces[0].zh.endswith("在北京召开。")
    assert drafted.record_head == (await held.house.store.log.head(CONFERENCE)).hash
    gaps = [piece.id for piece in drafted.pieces if piece.type == "gap"]
    assert gaps
    seq = drafted.seq
    for gap in gaps:
        answer = await edit(held, seq, type="remove", piece=gap)
        assert answer.status_code == 200, answer.text
        seq = answer.json()["seq"]
    answer = await edit(held, seq, type="rewrite", piece="opening", zh="会议召开。", en="Held.")
    piece = answer.json()["pieces"][0]
    assert (piece["zh"], piece["changes"][0]["by"]) == ("会议召开。", "the office")
    assert piece["drafted"]["zh"] != piece["zh"]
    answer = await edit(held, seq + 1, AccountRole.CHAIR, type="approve")
    approval = answer.json()["approval"]
    assert approval["by"] == "the chair"
    assert approval["hash"] == answer.json()["hash"]
    refused = await edit(held, seq + 2, type="redraft")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "communique_frozen")


async def test_two_editors_do_not_overwrite_each_other(held: Web) -> None:
    await edit(held, 0, type="redraft")
    first = await edit(held, 1, type="remove", piece="opening")
    second = await edit(held, 1, type="rewrite", piece="opening", zh="改", en="new")
    assert first.status_code == 200
    assert second.json()["error"]["code"] == "communique_changed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "nonsense"},
        {"type": "rewrite", "piece": "opening", "zh": "x" * 5000, "en": "x"},
        {"type": "approve", "extra": 1},
        {},
    ],
)
async def test_what_is_no_edit_is_said(held: Web, wrong: dict[str, Any]) -> None:
    answer = await edit(held, 0, **wrong)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"


async def test_people_who_only_look_do_not_edit(held: Web) -> None:
    answer = await edit(held, 0, AccountRole.OBSERVER, type="redraft")
    assert answer.status_code == 403
    assert (await ask(held, "/record", AccountRole.OBSERVER)).status_code == 200


async def test_a_venue_signs_in_by_its_own_station(web: Web) -> None:
    body = {
        "type": "sign_people_in",
        "venue": ZHEJIANG,
        "people": [
            {
                "name": {"zh": "张三", "en": "Zhang San"},
                "title": {"zh": "厅长", "en": "Director"},
                "organisation": {"zh": "浙江省商务厅", "en": "Zhejiang"},
                "part": "attends",
            }
        ],
    }
    path = f"{PATH}/commands"
    answer = await web.http.post(path, json=body, headers=web.station(ZHEJIANG))
    assert answer.status_code == 200
    other = await web.http.post(path, json=body, headers=web.station(VenueId("henan")))
    assert other.json()["error"]["code"] == "not_your_venue"


async def test_a_recording_is_played_by_ranges(held: Web, tmp_path: Path) -> None:
    folder = tmp_path / "recordings" / CONFERENCE
    folder.mkdir(parents=True)
    (part,) = Taken(folder, list(kit.tap("vp8", [3], 25)), timedelta(hours=1)).finished
    assert finish(part, MORNING, []) is not None
    (found,) = (await ask(held, "/recordings")).json()["recordings"]
    assert found["seconds"] == pytest.approx(1, abs=0.2)
    person = await held.person(AccountRole.OFFICE)
    headers = {**person.browser, "Range": "bytes=0-3"}
    path = f"{PATH}/recordings/{found['id']}"
    answer = await held.http.get(path, headers=headers)
    assert answer.status_code == 206
    assert answer.content == b"\x1a\x45\xdf\xa3"
    assert answer.headers["content-range"] == f"bytes 0-3/{found['bytes']}"
    assert answer.headers["content-type"] == "video/webm"
    whole = await held.http.get(path, headers=person.browser)
    assert len(whole.content) == found["bytes"]
    for wrong in ("..%2f..%2fpodium.db", "nothing.webm"):
        answer = await held.http.get(f"{PATH}/recordings/{wrong}", headers=person.browser)
        assert answer.status_code == 404


async def test_a_record_that_was_read_before_is_as_true_as_a_new_one(held: Web) -> None:
    """Of a closed conference the answer is kept; whatever changes makes it anew."""
    first = await ask(held, "/record")
    assert first.headers["content-encoding"] == "gzip"
    assert (await ask(held, "/record")).content == first.content
    held.clock.advance(timedelta(days=1))
    assert (await ask(held, "/record")).content == first.content
    await held.do(c.NotePoints(ItemId("summary"), (Text("要点", "A point"),)))
    noted = (await ask(held, "/record")).json()
    assert noted["agenda"][0]["points"] == [{"zh": "要点", "en": "A point"}]
    async with held.house.store.database.write() as connection:
        await connection.execute(
            text("UPDATE conference_event SET body = body || ' ' WHERE seq = 4")
        )
    assert (await ask(held, "/record")).json()["proof"]["wrong"]["seq"] == 4
