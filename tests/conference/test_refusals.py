"""Refusals are a catalogue: stable codes, both languages."""

from __future__ import annotations

import re

from podium.conference import refusals
from podium.conference.refusals import CATALOGUE, Refusal


def test_codes_are_unique_and_stable_in_form() -> None:
    all_ = [v for v in vars(refusals).values() if isinstance(v, Refusal)]
    assert len({v.code for v in all_}) == len(all_) == len(CATALOGUE)
    for refusal in all_:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
        assert refusal.fault == "client"


def test_each_speaks_both_languages() -> None:
    for refusal in CATALOGUE.values():
        assert re.search(r"[一-鿿]", refusal.zh), refusal.code
        assert refusal.zh.endswith("。"), refusal.code
        assert not re.search(r"[,;:]", refusal.zh), refusal.code
        assert re.fullmatch(r"[ -~]+\.", refusal.en), refusal.code
