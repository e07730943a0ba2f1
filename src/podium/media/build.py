"""Refuses a native engine that was not built from the sources beside it.

A stale binary costs hours: the code that one reads is not the code that runs. Where Podium runs
from a checkout, the hash that the binary was built with must be that of the checkout's sources;
an installed package has no sources, and its binary came with it.

The hash, which ``engine/crates/py/build.rs`` computes likewise: SHA-256, in hexadecimal, over
``Cargo.toml``, ``Cargo.lock`` and, of the crates media, net, py and sound, ``Cargo.toml``,
``build.rs`` and every ``*.rs`` below ``src``; in the byte order of their paths below ``engine/``
(separated by ``/``); of each file the path, a zero byte, the length as eight big-endian bytes,
and the content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ENGINE: Final = Path(__file__).resolve().parents[3] / "engine"
_LINKED: Final = ("media", "net", "py", "sound")


class StaleEngine(ImportError):
    """The developer's to mend: the binary and the sources differ."""


def check(built_from: str, engine: Path = _ENGINE) -> None:
    """Raises ``StaleEngine`` unless the sources in ``engine`` are those of the binary. Passes
    where there are no sources."""
    if not (engine / "Cargo.toml").is_file():
        return
    if built_from != source_hash(engine):
        raise StaleEngine(
            "the media engine was built from other sources than those in engine/: "
            "run `make setup` to build it again"
        )


def source_hash(engine: Path) -> str:
    """Of the sources below ``engine``, as they are now; takes a few milliseconds."""
    digest = hashlib.sha256()
    for name, file in sorted((f.relative_to(engine).as_posix(), f) for f in _sources(engine)):
        content = file.read_bytes()
        digest.update(name.encode() + b"\0" + len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


def _sources(engine: Path) -> Iterator[Path]:
    yield engine / "Cargo.toml"
    yield engine / "Cargo.lock"
    for crate in _LINKED:
        root = engine / "crates" / crate
        build = root / "build.rs"
        yield from (root / "Cargo.toml", *([build] if build.is_file() else []))
        yield from (root / "src").rglob("*.rs")
