"""The secret of this installation, beside its data: without it, what is kept tells no PIN."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

_NAME: Final = "server.key"
_BYTES: Final = 32


def server_key(data: Path) -> bytes:
    """Reads the key, and makes it where there is none. Raises ``OSError`` with a plain reason."""
    path = data / _NAME
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "wb") as file:
        key = secrets.token_bytes(_BYTES)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise OSError(f"{path} may be read by others: run chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != _BYTES:
        raise OSError(
            f"{path} is damaged: restore it from a backup, or remove it and issue new PINs"
        )
    return key
