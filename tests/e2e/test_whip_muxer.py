"""FFmpeg's WHIP muxer as a venue: H.264, ``setup:passive``, no page and no WebSocket."""

from __future__ import annotations

import asyncio
import datetime
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.support.stage import stage

pytestmark = [
    pytest.mark.usefixtures("built"),
    pytest.mark.skipif("whip" not in av.formats_available, reason="this FFmpeg has no WHIP muxer"),
]

NUMBER = 5
PLAYER = Path(__file__).parents[1] / "support" / "whip_player.py"


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate and its key for DTLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "device")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "device.crt", folder / "device.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


@asynccontextmanager
async def device(folder: Path, url: str, token: str) -> AsyncIterator[None]:
    """A device that publishes until the end of the block."""
    certificate, key = write_certificate(folder)
    with (folder / "device.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(PLAYER), url, str(NUMBER), str(certificate), str(key)),
            stdin=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert process.stdin is not None
    process.stdin.write(token.encode() + b"\n")
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_is_seen_and_heard(tmp_path: Path) -> None:
    async with stage(tmp_path, listens_for=[NUMBER]) as made:
        await made.in_session()
        venue = made.venue(NUMBER)
        async with device(tmp_path, f"{made.server.url}/whip", venue.token):
            await made.connected(NUMBER)
            await made.command("grant_floor", venue=venue.id, slot="main")
            await made.perceived({"main": NUMBER}, {1, NUMBER})
            await made.command("release_floor", venue=venue.id)
            await made.command("cut_to_main")
            await made.perceived({"main": 1}, {1})
