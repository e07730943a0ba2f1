"""What the demo refuses before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.cli import main

pytest.importorskip("aiortc")


def test_data_of_another_demo_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "podium.db"
    kept.write_bytes(b"another's")
    assert main(["demo", "--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path} is not an empty folder: give one" in said
    assert f"podium serve --data {tmp_path}" in said
    assert [*tmp_path.iterdir()] == [kept]
    assert kept.read_bytes() == b"another's"


def test_more_venues_than_there_are_have_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--venues", "52", "--phones", "16"]) == 2
    assert "no place for 52 venues and 16 telephones" in capsys.readouterr().err
