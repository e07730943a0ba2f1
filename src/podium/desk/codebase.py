"""Which code folds programmes, to the byte: a state that other code folded is not to be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import podium.values
import podium.work


def fold_version() -> str:
    """Of the code that this process runs."""
    return version_of(Path(top) for room in (podium.work, podium.values) for top in room.__path__)


def version_of(rooms: Iterable[Path]) -> str:
    """SHA-256 over the sources in these folders, in hexadecimal."""
    found = sha256()
    for room in rooms:
        for source in sorted(room.rglob("*.py")):
            content = source.read_bytes()
            found.update(f"{room.name}/{source.relative_to(room)} {len(content)}\n".encode())
            found.update(content)
    return found.hexdigest()
