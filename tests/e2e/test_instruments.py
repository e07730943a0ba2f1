"""The instruments of the other end-to-end tests, on a page that only talks to itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page
from tests.support import browsers
from tests.support.stage import assert_gcm, page_hears, page_shows

pytestmark = pytest.mark.browser

LOOP = b"""<!doctype html><video autoplay playsinline></video><script>
(async () => {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: 640, height: 360 }, audio: true,
  });
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = (e) => b.addIceCandidate(e.candidate);
  b.onicecandidate = (e) => a.addIceCandidate(e.candidate);
  b.ontrack = (e) => { document.querySelector("video").srcObject = e.streams[0]; };
  for (const track of stream.getTracks()) a.addTrack(track, stream);
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
})();
</script>"""


@pytest.fixture
async def loop_page() -> AsyncIterator[str]:
    """The address of a page that sends its camera to itself."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(LOOP)}\r\n\r\n"
        writer.write(head.encode() + LOOP)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def measures(page: Page, address: str, number: int, cipher: bool) -> None:
    await page.goto(address)
    await page_shows(page, number)
    await page_hears(page, {number}, among=[1, 2, number, number + 1])
    assert await page.evaluate("podiumTest.framesDecoded()") > 0
    if cipher:
        assert len(await page.evaluate("podiumTest.ciphers()")) == 2


@pytest.mark.skipif(browsers.CHROMIUM is None, reason="Chromium is not installed")
async def test_chromium(loop_page: str, tmp_path: Path) -> None:
    async with browsers.chromium(tmp_path, 7) as page:
        await measures(page, loop_page, 7, cipher=True)
        with pytest.raises(AssertionError):  # left to itself it takes no GCM: the check can fail
            await assert_gcm(page)


@pytest.mark.skipif(browsers.FIREFOX is None, reason="Firefox ESR is not installed")
async def test_firefox(loop_page: str) -> None:
    async with browsers.firefox() as page:
        await measures(page, loop_page, browsers.FIREFOX_VOICE, cipher=False)
