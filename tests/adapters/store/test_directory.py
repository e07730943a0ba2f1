"""The directory is read in protocol order and changed by imports, wholly or not at all."""

from __future__ import annotations

import asyncio
from importlib.resources import files

from podium.conference.state import VenueId, VenueKind
from podium.directory.csv_import import ChangeKind
from podium.directory.values import Level
from podium.store.opening import Store

MODEL = files("podium.demo").joinpath("model_venues.csv").read_bytes()
HEAD = "organisation_code,organisation_zh,parent_code,venue_zh,order\n"


async def test_planning_changes_nothing(store: Store) -> None:
    plan = await store.directory.import_csv(MODEL, apply=False)
    assert len(plan.changes) == 60
    assert (await store.directory.read()).venues == ()


async def test_the_model_case_is_imported_in_protocol_order(store: Store) -> None:
    await store.directory.import_csv(MODEL, apply=True)
    directory = await store.directory.read()
    assert [venue.kind for venue in directory.venues].count(VenueKind.BRANCH) == 53
    assert directory.venues[0].name.en == "Beijing main venue"
    assert directory.venues[11].id == "330000"
    assert directory.venues[11].pinyin == ("zhejiangsheng", "zjs")
    body = directory.body("330000")
    assert body is not None
    assert (body.parent, body.level) == ("mofcom", Level.PROVINCE)
    again = await store.directory.import_csv(MODEL, apply=True)
    assert {change.kind for change in again.changes} == {ChangeKind.SAME}


async def test_an_export_imports_back_as_it_was(store: Store) -> None:
    await store.directory.import_csv(MODEL, apply=True)
    exported = await store.directory.export_csv()
    plan = await store.directory.import_csv(exported, apply=True)
    assert plan.faults == ()
    assert {change.kind for change in plan.changes} == {ChangeKind.SAME}


async def test_with_a_fault_nothing_is_applied(store: Store) -> None:
    bad = HEAD + "a,甲,,甲会场,1\nb,乙,missing,乙会场,2\n"
    plan = await store.directory.import_csv(bad.encode(), apply=True)
    assert [fault.line for fault in plan.faults] == [3]
    assert (await store.directory.read()).organisations == ()


async def test_subordinates_may_come_before_their_parents(store: Store) -> None:
    text = HEAD + "c,丙,b,,3\nb,乙,a,乙会场,2\na,甲,,甲会场,1\n"
    assert (await store.directory.import_csv(text.encode(), apply=True)).faults == ()
    directory = await store.directory.read()
    assert [body.id for body in directory.organisations] == ["a", "b", "c"]
    assert [body.level for body in directory.organisations] == [
        Level.NATIONAL,
        Level.PROVINCE,
        Level.CITY,
    ]


async def test_changes_replace_what_is_there(store: Store) -> None:
    await store.directory.import_csv((HEAD + "a,甲,,甲会场,1\n").encode(), apply=True)
    text = HEAD + "a,,,新甲会场,5\nb,乙,a,,\n"
    await store.directory.import_csv(text.encode(), apply=True)
    directory = await store.directory.read()
    assert [(v.id, v.name.zh, v.order) for v in directory.venues] == [("a", "新甲会场", 5)]
    assert [(b.id, b.name.zh) for b in directory.organisations] == [("a", "甲"), ("b", "乙")]
    assert directory.venues[0].pinyin[1] == "xjhc"


async def test_imports_at_once_see_each_other(store: Store) -> None:
    texts = [HEAD + f"{c},{c},,{c}会场,\n" for c in "abcd"]
    await asyncio.gather(*(store.directory.import_csv(t.encode(), apply=True) for t in texts))
    directory = await store.directory.read()
    assert sorted(venue.id for venue in directory.venues) == list("abcd")
    assert len({venue.order for venue in directory.venues}) == 4


async def test_a_selection_brings_the_bodies_above(store: Store) -> None:
    await store.directory.import_csv(MODEL, apply=True)
    chosen = (await store.directory.read()).selection(frozenset({VenueId("330000")}))
    assert [body.id for body in chosen.organisations] == ["mofcom", "330000"]
    assert [venue.id for venue in chosen.venues] == ["330000"]
