"""Files that reports or conferences refer to, kept under the SHA-256 of what they hold."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """A directory. What has the same content is kept once.

    A file is put before the report that refers to it is filed, so that one may be left without
    any. Its time is that of the latest ``put`` or ``claim``; ``sweep`` takes none that is younger
    than it is told to.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = Lock()
        """Between finding a file and saying that it is wanted, none is removed."""

    async def put(self, content: bytes) -> str:
        """The digest. Durable on return. Raises ``OSError``."""
        return await asyncio.to_thread(self._put, content)

    async def get(self, digest: str) -> bytes | None:
        if _DIGEST.fullmatch(digest) is None:
            return None
        return await asyncio.to_thread(self._get, digest)

    async def claim(self, digests: Collection[str]) -> Sequence[str]:
        """Those that are missing; the others are as if put at this moment. Raises ``OSError``."""
        return await asyncio.to_thread(
            lambda: [digest for digest in digests if not self._touched(self._path(digest))]
        )

    async def sweep(self, referenced: Collection[str], before: datetime) -> int:
        """Removes what nothing refers to and nobody has put or claimed since ``before``, and what
        a crash left half written. How many files. Raises ``OSError``."""
        return await asyncio.to_thread(self._sweep, referenced, before.timestamp())

    async def path(self, digest: str) -> Path | None:
        """Where the content is, to be sent from there."""
        if _DIGEST.fullmatch(digest) is None:
            return None
        path = self._path(digest)
        return path if await asyncio.to_thread(path.exists) else None

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / digest

    def _touched(self, path: Path) -> bool:
        with self._lock:
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
            return True

    def _put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if self._touched(path):
            return digest
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, partial = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(partial).replace(path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
        return digest

    def _get(self, digest: str) -> bytes | None:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def _sweep(self, referenced: Collection[str], before: float) -> int:
        return sum(self._removed(path, before) for path in self._unreferenced(referenced))

    def _unreferenced(self, referenced: Collection[str]) -> Iterator[Path]:
        for folder in self._directory.glob("[0-9a-f][0-9a-f]"):
            yield from (path for path in folder.iterdir() if path.name not in referenced)

    def _removed(self, path: Path, before: float) -> bool:
        with self._lock:
            if path.stat().st_mtime >= before:
                return False
            path.unlink()
            return True
