"""Files that reports refer to, kept under the SHA-256 of what they hold."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """A directory. What has the same content is kept once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def put(self, content: bytes) -> str:
        """The digest. Durable on return. Raises ``OSError``."""
        return await asyncio.to_thread(self._put, content)

    async def get(self, digest: str) -> bytes | None:
        if _DIGEST.fullmatch(digest) is None:
            return None
        return await asyncio.to_thread(self._get, digest)

    def _path(self, digest: str) -> Path:
        return self._directory / digest[:2] / digest

    def _put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
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
