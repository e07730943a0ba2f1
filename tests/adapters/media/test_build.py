"""A binary of other sources is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.media.build import StaleEngine, check, source_hash


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    for name in ("media", "net", "py", "sound", "client"):
        source = tmp_path / "crates" / name / "src" / "inner"
        source.mkdir(parents=True)
        (source / "lib.rs").write_text("pub mod inner;")
        (tmp_path / "crates" / name / "Cargo.toml").write_text("[package]")
    (tmp_path / "Cargo.toml").write_text("[workspace]")
    (tmp_path / "Cargo.lock").write_text("")
    return tmp_path


def test_the_binary_of_these_sources_is_taken(engine: Path) -> None:
    check(source_hash(engine), engine)


@pytest.mark.parametrize(
    "changed", ["crates/net/src/inner/lib.rs", "crates/py/build.rs", "Cargo.lock", "Cargo.toml"]
)
def test_any_change_makes_it_stale(engine: Path, changed: str) -> None:
    built_from = source_hash(engine)
    (engine / changed).write_text("changed")
    with pytest.raises(StaleEngine, match="make setup"):
        check(built_from, engine)


def test_what_is_not_linked_does_not_count(engine: Path) -> None:
    built_from = source_hash(engine)
    (engine / "crates/client/src/inner/lib.rs").write_text("changed")
    (engine / "crates/net/tests").mkdir()
    (engine / "crates/net/tests/x.rs").write_text("changed")
    check(built_from, engine)


def test_without_sources_there_is_nothing_to_compare(tmp_path: Path) -> None:
    check("anything", tmp_path)
