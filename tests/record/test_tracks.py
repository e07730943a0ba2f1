"""Recording several slots: a file for each stretch, one clock for all, a crash, all in one file."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.record import recording_kit as kit
from tests.record.test_recording import (
    HOUR,
    MORNING,
    SPRING,
    Clock,
    Taken,
    feed,
    heard,
    length,
    shelf,
)

from podium.conference.state import ConferenceId
from podium.demo import marker
from podium.record.recording.chapters import Chapter
from podium.record.recording.combining import Take, Timeline, combine
from podium.record.recording.finishing import finish
from podium.record.recording.naming import PART, Track, began_of, track_of
from podium.record.recording.shelf import WHOLE, Shelf
from podium.record.recording.tap import MAGIC

SECOND = timedelta(seconds=1)
SLIDE = kit.SLIDE


def finished(parts: Sequence[Path]) -> dict[Track, Path]:
    found = {}
    for part in parts:
        began = began_of(part.name)
        assert began is not None
        path = finish(part, began, [])
        assert path is not None
        found[track_of(path.name)] = path
    return found


def strips(path: Path, stream: int = 0) -> Iterator[tuple[float, int, int]]:
    """Seconds, venue and clock of each picture."""
    with av.open(str(path)) as source:
        for frame in source.decode(video=stream):
            found = marker.read(frame.to_ndarray(format="gray").astype(np.uint8))
            assert found is not None
            assert frame.time is not None
            yield frame.time, found.venue, found.clock


def offset(path: Path) -> float:
    began = began_of(path.name)
    assert began is not None
    return (began - MORNING).total_seconds()


def test_content_has_files_of_its_own_by_the_same_clock(tmp_path: Path) -> None:
    pieces = kit.program("vp8", 100, content=(1.0, 3.0))
    files = finished(Taken(tmp_path, pieces, HOUR).finished)
    assert set(files) == {Track.MAIN, Track.CONTENT}
    content = files[Track.CONTENT]
    assert offset(content) == pytest.approx(1, abs=0.002)
    with av.open(str(content)) as source:
        assert [stream.type for stream in source.streams] == ["video"]
    # The slide's last picture came at 2.5 s and was seen until 3 s.
    assert length(content) == pytest.approx(2, abs=0.05)
    for at, venue, clock in strips(content):
        assert venue == SLIDE
        assert (at + offset(content)) * 1000 == pytest.approx(clock, abs=3)
    for at, _, clock in strips(files[Track.MAIN]):
        assert at * 1000 == pytest.approx(clock, abs=3)


def test_a_slot_that_is_shown_again_has_another_file(tmp_path: Path) -> None:
    first = kit.program("vp8", 50, content=(0.5, 1.0))
    again = kit.program("vp8", 50, content=(0.5, 1.0), since=2.0)[1:]
    parts = Taken(tmp_path, [*first, *again], HOUR).finished
    shown = sorted(p for p in parts if track_of(p.name) is Track.CONTENT)
    assert [offset(p) for p in shown] == pytest.approx([0.5, 2.5], abs=0.002)


def test_the_mix_is_recorded_though_nobody_is_seen(tmp_path: Path) -> None:
    ticks = [kit.sound(packet, 5_000_000 + n * 20_000) for n, packet in enumerate(kit.opus(3))]
    alone, together = ticks, kit.program("vp8", 25, since=3.0)[1:]
    files = finished(Taken(tmp_path, [MAGIC, *alone, *together], HOUR).finished)
    assert set(files) == {Track.SOUND, Track.MAIN}
    assert offset(files[Track.SOUND]) == 0
    assert heard(files[Track.SOUND]) == pytest.approx(3, abs=0.05)
    assert offset(files[Track.MAIN]) == pytest.approx(3, abs=0.002)


def test_content_that_nobody_speaks_to_has_its_time(tmp_path: Path) -> None:
    pieces = [MAGIC, *kit.slides("vp8", 0.0, 8)]
    pauses = {n: timedelta(milliseconds=500) for n in range(2, len(pieces))}
    files = finished(Taken(tmp_path, pieces, HOUR, pauses).finished)
    assert set(files) == {Track.SOUND, Track.CONTENT}
    # It is seen at the next look at the clock, which goes by half seconds here.
    ends = [offset(path) + length(path) for path in files.values()]
    assert offset(files[Track.SOUND]) <= 0.51
    assert ends[0] == pytest.approx(ends[1], abs=0.1)


def test_who_speaks_to_content_without_being_seen_is_heard(tmp_path: Path) -> None:
    ticks = [kit.sound(packet, 5_000_000 + n * 20_000) for n, packet in enumerate(kit.opus(4))]
    pieces = [MAGIC, *kit.slides("vp8", 0.0, 1), *ticks]
    pauses = {n: timedelta(milliseconds=20) for n in range(3, len(pieces))}
    files = finished(Taken(tmp_path, pieces, HOUR, pauses).finished)
    with av.open(str(files[Track.SOUND])) as source:
        frames = list(source.decode(audio=0))
    loud = [f for f in frames if np.abs(f.to_ndarray().astype(float)).max() > 0.05]
    assert len(loud) == pytest.approx(200, abs=5)
    assert heard(files[Track.SOUND]) == pytest.approx(4, abs=0.1)


def test_a_long_silence_in_which_nobody_is_seen_is_not_recorded(tmp_path: Path) -> None:
    ticks = [kit.sound(packet, 5_000_000 + n * 20_000) for n, packet in enumerate(kit.opus(3))]
    after = [kit.sound(packet, 105_000_000 + n * 20_000) for n, packet in enumerate(kit.opus(3))]
    refreshed = [kit.sound(b"\xfc\xff\xfe", 8_000_000 + n * 400_000) for n in range(240)]
    pauses = {len(ticks) + 1 + n: timedelta(milliseconds=400) for n in range(len(refreshed))}
    parts = Taken(tmp_path, [MAGIC, *ticks, *refreshed, *after], HOUR, pauses).finished
    assert [offset(part) for part in parts] == pytest.approx([0, 100], abs=0.002)
    assert all(3 <= length(part) <= 35 for part in parts)


def test_a_word_before_the_first_picture_is_not_lost(tmp_path: Path) -> None:
    ticks = [kit.sound(packet, 5_000_000 + n * 20_000) for n, packet in enumerate(kit.opus(1))]
    pieces = [MAGIC, *ticks, *kit.program("vp8", 25, since=1.0)[1:]]
    files = finished(Taken(tmp_path, pieces, HOUR).finished)
    assert set(files) == {Track.MAIN}
    assert heard(files[Track.MAIN]) == pytest.approx(2, abs=0.05)
    assert next(strips(files[Track.MAIN]))[0] == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_silence_keeps_its_length(tmp_path: Path, codec: str) -> None:
    """Players that put packets of sound end to end would be early after a gap."""
    pieces = kit.program(codec, 100, silent=(1.0, 3.0))
    path = finished(Taken(tmp_path, pieces, HOUR).finished)[Track.MAIN]
    with av.open(str(path)) as source:
        frames = list(source.decode(audio=0))
    loud = [f.time for f in frames if np.abs(f.to_ndarray().astype(float)).max() > 0.05]
    assert sum(f.samples for f in frames) / 48_000 == pytest.approx(4, abs=0.05)
    assert any(t is not None and t > 3.1 for t in loud)
    assert all(t is None or t < 1.1 or t > 2.9 for t in loud)


def test_h264_of_another_size_goes_on_in_the_same_file(tmp_path: Path) -> None:
    small = kit.program("h264", 25, size=(320, 180))
    large = kit.program("h264", 25, size=(640, 360), since=1.0, epoch=2)[1:]
    path = finished(Taken(tmp_path, [*small, *large], HOUR).finished)[Track.MAIN]
    assert path.suffix == ".mp4"
    with av.open(str(path)) as source:
        sizes = [(frame.width, frame.height) for frame in source.decode(video=0)]
    assert sizes == [(320, 180)] * 25 + [(640, 360)] * 25


# --- a crash

VICTIM = """
import sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from podium.record.recording.recorder import Recorder
read = int(sys.argv[2])
now = lambda: datetime.now(UTC)
recorder = Recorder(Path(sys.argv[1]), read, now, timedelta(hours=1), print)
recorder.start()
recorder.join(600)
"""


def test_every_track_plays_until_kill_9(tmp_path: Path) -> None:
    """The content stands still when the crash comes: its picture must be on the disk already."""
    read, write = os.pipe()
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(tmp_path), str(read)], pass_fds=[read]
    )
    os.close(read)
    pieces = kit.program("vp8", 90, content=(1.0, 9.0), pictures=1, second=True)
    try:
        with os.fdopen(write, "wb", buffering=0) as pipe:
            for piece in pieces:
                pipe.write(piece)
            until_on_disk(tmp_path, {Track.MAIN: 3, Track.SECOND: 3, Track.CONTENT: 0})
            victim.send_signal(signal.SIGKILL)
            assert victim.wait(10) == -signal.SIGKILL
    finally:
        victim.kill()
        victim.wait(10)
    files = finished(sorted(tmp_path.glob(f"*{PART}")))
    assert set(files) == {Track.MAIN, Track.SECOND, Track.CONTENT}
    assert length(files[Track.MAIN]) >= 3
    assert length(files[Track.SECOND]) >= 3
    assert [venue for _, venue, _ in strips(files[Track.CONTENT])] == [SLIDE]
    mains, contents = offset(files[Track.MAIN]), offset(files[Track.CONTENT])
    assert contents - mains == pytest.approx(1, abs=0.002)


def until_on_disk(folder: Path, seconds: dict[Track, int]) -> None:
    """Until pictures or sound of that time are there, in each track."""
    waiting = threading.Event()
    for _ in range(1200):
        newest = {track_of(p.name): newest_in(p) for p in folder.glob(f"*{PART}")}
        if all(newest.get(track, -1) >= wanted for track, wanted in seconds.items()):
            return
        waiting.wait(0.05)
    raise AssertionError(f"only {newest} of {seconds} is on the disk")


def newest_in(part: Path) -> Fraction:
    found = Fraction(-1)
    try:
        with av.open(str(part)) as source:
            for packet in source.demux():
                if packet.pts is not None and packet.time_base is not None:
                    found = max(found, packet.pts * packet.time_base)
    except av.FFmpegError:
        pass
    return found


async def test_what_a_crash_left_half_made_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / SPRING
    folder.mkdir()
    for name in ("20230301T013000250Z.main.webm.new", f"{WHOLE}.new"):
        (folder / name).write_bytes(b"half")
    shelf(tmp_path, Clock())
    assert list(folder.iterdir()) == []


def test_what_cannot_be_finished_is_kept(tmp_path: Path) -> None:
    (part,) = Taken(tmp_path, kit.program("vp8", 25), HOUR).finished
    (tmp_path / (part.name.removesuffix(PART) + ".new")).mkdir()
    with pytest.raises(OSError, match="directory"):
        finish(part, MORNING, [])
    assert part.exists()


async def test_chapters_are_of_the_conference_whatever_it_is_called(tmp_path: Path) -> None:
    asked = []

    async def chapters(conference: ConferenceId) -> Sequence[Chapter]:
        asked.append(conference)
        return ()

    odd = ConferenceId("会议/1")
    first = Shelf(tmp_path, Clock(), chapters, longest=HOUR, keep=None)
    await feed(first.begin(odd), kit.program("vp8", 25))
    await first.close()
    (found,) = await first.list(odd)
    path = next(tmp_path.glob(f"*/{found.id}"))  # noqa: ASYNC240
    path.rename(path.with_name(path.name + PART))
    await Shelf(tmp_path, Clock(), chapters, longest=HOUR, keep=None).recover()
    assert asked == [odd, odd]


async def test_a_recording_that_is_begun_again_loses_nothing_of_the_first(tmp_path: Path) -> None:
    shelved = shelf(tmp_path, Clock())
    first, second = shelved.begin(SPRING), shelved.begin(SPRING)
    pieces = kit.program("vp8", 25)
    await asyncio.gather(feed(first, pieces), feed(second, pieces))
    await shelved.close()
    lengths = [r.seconds for r in await shelved.list(SPRING)]
    assert lengths == pytest.approx([1, 1], abs=0.1)


# --- all in one file


def takes(folder: Path) -> list[Take]:
    found = []
    for path in sorted(folder.iterdir()):
        began = began_of(path.name)
        assert began is not None
        found.append(Take(path, track_of(path.name), began, length(path)))
    return found


def titles(path: Path) -> list[tuple[str, str]]:
    with av.open(str(path)) as source:
        return [(s.type, s.metadata.get("title", "").split(" ", 1)[-1]) for s in source.streams]


@pytest.mark.parametrize("codec", ["vp8", "h264", "av1"])
def test_one_file_holds_all_tracks_with_chapters(tmp_path: Path, codec: str) -> None:
    pieces = kit.program(codec, 100, content=(1.0, 3.0), second=True)
    finished(Taken(tmp_path, pieces, HOUR).finished)
    whole = tmp_path / "whole.mkv"
    chapters = [
        Chapter("总结", MORNING - SECOND, MORNING + 2 * SECOND),
        Chapter("部署", MORNING + 2 * SECOND, None),
    ]
    combine(takes(tmp_path), chapters, whole)
    assert titles(whole) == [
        ("video", "Main picture"),
        ("video", "Second picture"),
        ("video", "Content"),
        ("audio", "Sound"),
    ]
    for stream in range(3):
        times = [(at * 1000, clock) for at, _, clock in strips(whole, stream)]
        assert len(times) >= 4
        assert all(at == pytest.approx(clock, abs=3) for at, clock in times)
    assert heard(whole) == pytest.approx(4, abs=0.1)
    with av.open(str(whole)) as source:
        assert source.duration is not None
        assert source.duration / 1e6 == pytest.approx(4, abs=0.1)
        assert [(c["metadata"]["title"], c["start"] // 10**9) for c in source.chapters()] == [
            ("总结", 0),
            ("部署", 2),
        ]


def test_one_file_goes_on_where_there_was_a_long_gap_or_another_codec(tmp_path: Path) -> None:
    first = kit.program("vp8", 50)
    later = [kit.dark(0, 7_000_000), *kit.program("h264", 50, since=3600.0, epoch=2)[1:]]
    pauses = {len(first) + 1: HOUR - 2 * SECOND}
    parts = Taken(tmp_path, [*first, *later], HOUR, pauses).finished
    finished(parts)
    combine(takes(tmp_path), [], tmp_path / "whole.mkv")
    assert length(tmp_path / "whole.mkv") == pytest.approx(4, abs=0.2)
    assert titles(tmp_path / "whole.mkv") == [
        ("video", "Main picture"),
        ("video", "Main picture"),
        ("audio", "Sound"),
    ]
    assert next(strips(tmp_path / "whole.mkv", 1))[0] == pytest.approx(2, abs=0.1)
    assert heard(tmp_path / "whole.mkv") == pytest.approx(4, abs=0.2)


def take(track: Track, start: float, seconds: float) -> Take:
    return Take(Path(), track, MORNING + timedelta(seconds=start), seconds)


def test_moments_are_found_though_gaps_are_left_out() -> None:
    timeline = Timeline(
        [take(Track.MAIN, 0, 10), take(Track.CONTENT, 5, 15), take(Track.MAIN, 100, 10)]
    )
    at = [timeline.seconds(MORNING + timedelta(seconds=s)) for s in (-5, 7, 20, 60, 100, 104, 500)]
    assert at == [0, 7, 20, 20, 20, 24, 30]
    assert timeline.seconds(None) == 30


async def test_all_in_one_file_is_made_when_it_is_asked_for(tmp_path: Path) -> None:
    clock = Clock()
    shelved = shelf(tmp_path, clock, keep=timedelta(days=30))
    assert await shelved.file(SPRING, WHOLE) is None
    await feed(shelved.begin(SPRING), kit.program("vp8", 50, content=(0.5, 1.5)))
    await shelved.close()
    assert {r.track for r in await shelved.list(SPRING)} == {Track.MAIN, Track.CONTENT}
    served = await shelved.file(SPRING, WHOLE)
    assert served is not None
    path, media_type = served
    assert media_type == "video/x-matroska"
    made = path.stat()
    again = await shelved.file(SPRING, WHOLE)
    assert again is not None
    assert again[0].stat().st_ino == made.st_ino
    os.utime(path, (1, 1))
    renewed = await shelved.file(SPRING, WHOLE)
    assert renewed is not None
    assert renewed[0].stat().st_mtime > 1

    clock.at = datetime.fromtimestamp(renewed[0].stat().st_mtime, MORNING.tzinfo) + timedelta(
        hours=23
    )
    await shelf(tmp_path, clock).sweep()
    assert path.exists()
    clock.at += timedelta(hours=2)
    await shelf(tmp_path, clock).sweep()
    assert not path.exists()
    assert len(await shelved.list(SPRING)) == 2


async def test_every_track_is_removed_in_time_and_what_was_made_of_it(tmp_path: Path) -> None:
    clock = Clock()
    shelved = shelf(tmp_path, clock, keep=timedelta(days=30))
    await feed(shelved.begin(SPRING), kit.program("vp8", 50, content=(0.5, 1.5), second=True))
    await shelved.close()
    assert await shelved.file(SPRING, WHOLE) is not None
    clock.at += timedelta(days=31)
    await shelved.sweep()
    assert await shelved.list(SPRING) == []
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240
