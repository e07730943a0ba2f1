"""Recording: the tap's format, whole pictures from payloads, files that play, a crash survived."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.record import recording_kit as kit

from podium.conference.state import ConferenceId, Slot
from podium.demo import marker
from podium.record.recording.chapters import Chapter
from podium.record.recording.finishing import finish
from podium.record.recording.naming import PART, Track, began_of, file_name, track_of
from podium.record.recording.pictures import Assembler, CodedPicture
from podium.record.recording.recorder import Recorder
from podium.record.recording.shelf import Shelf
from podium.record.recording.tap import MAGIC, DarkSlot, NoTap, PictureRun, SoundTick, TapReader

MORNING = datetime(2023, 3, 1, 1, 30, 0, 250_000, tzinfo=UTC)
SPRING = ConferenceId("spring")
CODECS = ("vp8", "vp9", "h264", "av1")


# --- the tap


def test_records_are_read_however_they_are_cut() -> None:
    data = MAGIC + kit.picture("vp8", [b"ab", b"c"], 20, keyframe=True) + kit.sound(b"opus", 40)
    data += kit.dark(2, 60)
    for size in (1, 3, 7, len(data)):
        reader = TapReader()
        found = [r for at in range(0, len(data), size) for r in reader.feed(data[at : at + size])]
        assert [type(r) for r in found] == [PictureRun, SoundTick, DarkSlot]
        run, tick, dark = found
        assert isinstance(run, PictureRun)
        assert (run.payloads, run.taken, run.keyframe) == ((b"ab", b"c"), 20, True)
        assert tick == SoundTick(40, b"opus")
        assert dark == DarkSlot(Slot.CONTENT, 60)


def test_records_of_another_version_are_passed_over() -> None:
    assert list(TapReader().feed(MAGIC + kit.record(9, b"new") + kit.sound(b"x", 1))) == [
        SoundTick(1, b"x")
    ]


@pytest.mark.parametrize(
    "data", [b"not a tap", MAGIC + b"\xff\xff\xff\xff", MAGIC + kit.record(1, b"short")]
)
def test_what_is_no_tap_is_said(data: bytes) -> None:
    with pytest.raises(NoTap):
        list(TapReader().feed(data))


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_records_or_no_tap(data: bytes) -> None:
    try:
        list(TapReader().feed(MAGIC + data))
    except NoTap:
        pass
    except IndexError:
        raise AssertionError("a slot or codec that is not there") from None


# --- pictures


def runs(data: bytes) -> list[PictureRun]:
    return [r for r in TapReader().feed(MAGIC + data) if isinstance(r, PictureRun)]


@pytest.mark.parametrize("codec", CODECS)
def test_pictures_come_out_as_they_were_coded(codec: str) -> None:
    assembler = Assembler()
    for number, (keyframe, data) in enumerate(kit.coded(codec, [3], 5)):
        (run,) = runs(kit.picture(codec, kit.payloads(codec, data), number, keyframe=keyframe))
        found = assembler.take(run)
        assert found is not None
        assert plain(codec, found.data) == plain(codec, data)


def plain(codec: str, data: bytes) -> bytes:
    """Without what differs though it means the same: the length of start codes, delimiters."""
    if codec == "av1":
        return data.removeprefix(b"\x12\0")
    return data.replace(b"\0\0\0\1", b"\0\0\1") if codec == "h264" else data


def test_a_picture_in_several_runs_is_one() -> None:
    parts = [
        kit.picture("vp8", [b"\x10key"], 1, keyframe=True, ends=False),
        kit.picture("vp8", [b"\x00rest"], 2, keyframe=True, begins=False),
    ]
    assembler = Assembler()
    first, second = runs(b"".join(parts))
    assert assembler.take(first) is None
    assert assembler.take(second) == CodedPicture("vp8", True, 1, b"keyrest")


def test_after_a_hole_nothing_is_taken_until_the_next_keyframe() -> None:
    pieces = [
        kit.picture("vp8", [b"\x10k"], 1, keyframe=True),
        kit.picture("vp8", [b"\x10d"], 2, keyframe=False, ends=False),
        kit.picture("vp8", [b"\x10d"], 3, keyframe=False),
        kit.picture("vp8", [b"\x10k"], 4, keyframe=True),
    ]
    assembler = Assembler()
    taken = [assembler.take(run) for run in runs(b"".join(pieces))]
    assert [None if p is None else p.taken for p in taken] == [1, None, None, 4]


def test_a_new_source_begins_with_a_keyframe() -> None:
    pieces = [
        kit.picture("vp8", [b"\x10k"], 1, keyframe=True, epoch=1),
        kit.picture("vp8", [b"\x10d"], 2, keyframe=False, epoch=2),
        kit.picture("vp8", [b"\x10k"], 3, keyframe=True, epoch=2),
    ]
    assembler = Assembler()
    taken = [assembler.take(run) for run in runs(b"".join(pieces))]
    assert [p is not None for p in taken] == [True, False, True]


@settings(max_examples=200)
@given(
    st.sampled_from(("vp8", "vp9", "h264", "av1")),
    st.lists(st.binary(max_size=20), min_size=1, max_size=5),
)
def test_any_payloads_are_a_picture_or_none(codec: str, payloads: list[bytes]) -> None:
    (run,) = runs(kit.picture(codec, payloads, 1, keyframe=True))
    Assembler().take(run)


# --- files


def seen(path: Path) -> list[int]:
    """The venues whose strips the file shows, in order, without repetition."""
    venues: list[int] = []
    with av.open(str(path)) as source:
        for frame in source.decode(video=0):
            luma = frame.to_ndarray(format="gray").astype(np.uint8)
            found = marker.read(luma)
            assert found is not None
            if venues[-1:] != [found.venue]:
                venues.append(found.venue)
    return venues


def heard(path: Path) -> float:
    """Seconds of sound."""
    with av.open(str(path)) as source:
        return sum(f.samples / f.sample_rate for f in source.decode(audio=0))


class Clock:
    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class Taken:
    """A recorder that was fed a whole tap. ``pauses``: how late it is before a piece."""

    def __init__(
        self,
        folder: Path,
        pieces: Sequence[bytes],
        longest: timedelta,
        pauses: Mapping[int, timedelta] | None = None,
        at: datetime = MORNING,
    ) -> None:
        read, write = os.pipe()
        self.finished: list[Path] = []
        clock = Clock(at)
        recorder = Recorder(folder, read, clock.now, longest, self.finished.append)
        recorder.start()
        with os.fdopen(write, "wb", buffering=0) as pipe:
            for number, piece in enumerate(pieces):
                if pauses and number in pauses:
                    drained(write)
                    clock.at += pauses[number]
                pipe.write(piece)
        recorder.join(30)


def drained(pipe: int) -> None:
    """Until the reader has taken what was written."""
    waiting = threading.Event()
    for _ in range(600):
        left = int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder)
        if left == 0:
            return
        waiting.wait(0.01)
    raise AssertionError("nobody reads")


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_recorded_plays(tmp_path: Path, codec: str) -> None:
    (part,) = Taken(tmp_path, list(kit.tap(codec, [3, 9, 4], 25)), HOUR).finished
    assert part.name == file_name(MORNING, Track.MAIN, codec) + PART
    assert seen(part) == [3, 9, 4]
    assert heard(part) == pytest.approx(3, abs=0.2)


def test_picture_and_sound_keep_together(tmp_path: Path) -> None:
    (part,) = Taken(tmp_path, list(kit.tap("vp8", [3], 50)), HOUR).finished
    with av.open(str(part)) as source:
        times: dict[str, list[float]] = {"video": [], "audio": []}
        for packet in source.demux():
            if packet.pts is not None and packet.time_base is not None:
                times[packet.stream.type].append(float(packet.pts * packet.time_base))
    assert times["video"][0] == pytest.approx(0, abs=0.002)
    assert times["audio"][0] == pytest.approx(0, abs=0.021)
    assert times["video"][-1] == pytest.approx(times["audio"][-1], abs=0.1)
    assert times["video"] == sorted(times["video"])


def test_a_long_recording_is_cut_at_a_keyframe(tmp_path: Path) -> None:
    half = timedelta(milliseconds=500)
    finished = Taken(tmp_path, list(kit.tap("vp8", [1, 2, 3], 25)), half).finished
    assert [seen(path) for path in finished] == [[1], [2], [3]]
    assert [began_of(path.name) for path in finished] == [
        MORNING + timedelta(seconds=n) for n in range(3)
    ]


def shifted(pieces: Sequence[bytes], of: int, by: int) -> list[bytes]:
    """The pictures of that source as if its clock were mapped wrongly; the sound as it was."""
    out = []
    for piece in pieces:
        if piece == MAGIC:
            out.append(piece)
            continue
        for record in TapReader().feed(MAGIC + piece):
            if isinstance(record, SoundTick):
                out.append(kit.sound(record.packet, record.taken))
            elif isinstance(record, PictureRun):
                moved = record.taken + (by if record.epoch == of else 0)
                run = list(record.payloads)
                out.append(
                    kit.picture(
                        record.codec, run, moved, keyframe=record.keyframe, epoch=record.epoch
                    )
                )
    return out


def length(path: Path) -> float:
    with av.open(str(path)) as source:
        assert source.duration is not None
        return source.duration / 1e6


def test_a_source_with_a_wrong_clock_is_recorded_with_its_sound(tmp_path: Path) -> None:
    pieces = shifted(list(kit.tap("vp8", [1, 2, 3], 50)), of=1, by=1_795_688_700_000_000)
    finished = Taken(tmp_path, pieces, HOUR).finished
    assert [seen(path) for path in finished] == [[1], [2], [3]]
    for path in finished:
        assert length(path) == pytest.approx(2, abs=0.3)
        assert heard(path) == pytest.approx(2, abs=0.3)


def test_a_clock_that_jumps_within_a_source_does_not_stretch_the_file(tmp_path: Path) -> None:
    pieces = list(kit.tap("vp8", [1], 50))
    late = shifted(pieces[26:], of=0, by=-1_795_688_700_000_000)
    (part,) = Taken(tmp_path, [*pieces[:26], *late], HOUR).finished
    assert length(part) == pytest.approx(2, abs=0.3)
    with av.open(str(part)) as source:
        assert len(list(source.decode(video=0))) == 50


def test_what_follows_an_adjournment_is_a_file_of_its_own(tmp_path: Path) -> None:
    pieces = list(kit.tap("vp8", [1, 2], 25))
    first, second = pieces[:26], [kit.dark(0, 6_000_000), *later(pieces[26:], 3_600_000_000)]
    pauses = {len(first) + 1: HOUR}
    finished = Taken(tmp_path, [*first, *second], 3 * HOUR, pauses).finished
    assert [began_of(path.name) for path in finished] == [
        MORNING,
        MORNING + HOUR + timedelta(seconds=1),
    ]
    assert [seen(path) for path in finished] == [[1], [2]]


def later(pieces: Sequence[bytes], by: int) -> list[bytes]:
    """The same, so many microseconds later."""
    out = []
    for piece in pieces:
        for record in TapReader().feed(MAGIC + piece):
            at = record.taken + by
            if isinstance(record, SoundTick):
                out.append(kit.sound(record.packet, at))
            elif isinstance(record, PictureRun):
                run, epoch = list(record.payloads), record.epoch
                out.append(
                    kit.picture(record.codec, run, at, keyframe=record.keyframe, epoch=epoch)
                )
    return out


def test_a_broken_tap_keeps_what_came_before(tmp_path: Path) -> None:
    pieces = [*kit.tap("vp8", [5], 25), b"\xff\xff\xff\xff"]
    (part,) = Taken(tmp_path, pieces, HOUR).finished
    assert seen(part) == [5]


_EDGES: Final[tuple[Literal["start", "end"], ...]] = ("start", "end")


def test_finishing_makes_it_seekable_with_chapters(tmp_path: Path) -> None:
    (part,) = Taken(tmp_path, list(kit.tap("vp8", [3, 9], 50)), HOUR).finished
    second = timedelta(seconds=1)
    chapters = [
        Chapter("总结", MORNING - second, MORNING + second),
        Chapter("部署", MORNING + second, MORNING + 2 * second),
        Chapter("还在进行", MORNING + 2 * second, None),
        Chapter("尚未开始", MORNING + 9 * second, None),
        Chapter("早已结束", MORNING - 9 * second, MORNING - 5 * second),
    ]
    final = finish(part, MORNING, chapters)
    assert final is not None
    assert final.name == file_name(MORNING, Track.MAIN, "vp8")
    assert not part.exists()
    with av.open(str(final)) as source:
        assert source.duration is not None
        assert source.duration / 1e6 == pytest.approx(4, abs=0.2)
        found = [
            (c["metadata"]["title"], *(float(c[edge] * (c["time_base"] or 0)) for edge in _EDGES))
            for c in source.chapters()
        ]
        source.seek(3_000_000, backward=True)
        frame = next(source.decode(video=0))
        assert frame.time is not None
        assert frame.time >= 1.9
    assert found[:2] == [("总结", 0, 1), ("部署", 1, 2)]
    ((title, start, end),) = found[2:]
    assert (title, start) == ("还在进行", 2)
    assert end == pytest.approx(4, abs=0.2)
    assert seen(final) == [3, 9]


def test_a_file_without_anything_in_it_goes(tmp_path: Path) -> None:
    part = tmp_path / (file_name(MORNING, Track.MAIN, "vp8") + PART)
    part.write_bytes(b"\x1a\x45\xdf\xa3 nothing that plays")
    assert finish(part, MORNING, []) is None
    assert list(tmp_path.iterdir()) == []


def test_names_say_when_it_began() -> None:
    assert began_of(file_name(MORNING, Track.MAIN, "vp8")) == MORNING
    assert began_of("notes.txt") is None
    assert track_of(file_name(MORNING, Track.CONTENT, "av1") + PART) is Track.CONTENT
    assert track_of("20230301T013000250Z.webm") is Track.MAIN


# --- a crash

VICTIM = """
import os, sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from typing import Final, Literal
from podium.record.recording.recorder import Recorder
read = int(sys.argv[2])
moment = datetime(2023, 3, 1, 1, 30, 0, 250_000, tzinfo=UTC)
recorder = Recorder(Path(sys.argv[1]), read, lambda: moment, timedelta(hours=1), print)
recorder.start()
print("recording", flush=True)
recorder.join(600)
"""


def test_what_was_recorded_until_kill_9_plays(tmp_path: Path) -> None:
    read, write = os.pipe()
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(tmp_path), str(read)],
        pass_fds=[read],
        stdout=subprocess.PIPE,
    )
    os.close(read)
    pieces = list(kit.tap("vp8", [3, 9, 4], 50))
    half = len(pieces) * 2 // 3
    try:
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"recording\n"
        with os.fdopen(write, "wb", buffering=0) as pipe:
            for piece in pieces[:half]:
                pipe.write(piece)
            part = tmp_path / (file_name(MORNING, Track.MAIN, "vp8") + PART)
            until_written(part, 2.0)
            victim.send_signal(signal.SIGKILL)
            assert victim.wait(10) == -signal.SIGKILL
    finally:
        victim.kill()
        victim.wait(10)
        victim.stdout.close()  # type: ignore[union-attr]
    with av.open(str(part)) as source:
        assert len([p for p in source.demux(video=0) if p.pts is not None]) >= 50
    assert seen(part)[:2] == [3, 9]
    final = finish(part, MORNING, [])
    assert final is not None
    assert seen(final)[:2] == [3, 9]
    assert heard(final) >= 2


def until_written(part: Path, seconds: float) -> None:
    """Until that much of the recording is on the disk; looked at as a player would."""
    done = threading.Event()
    for _ in range(600):
        if part.exists() and _seconds(part) >= seconds:
            return
        done.wait(0.05)
    raise AssertionError("nothing is written while it is recorded")


def _seconds(part: Path) -> float:
    try:
        with av.open(str(part)) as source:
            times = [
                float(p.pts * p.time_base)
                for p in source.demux(video=0)
                if p.pts is not None and p.time_base is not None
            ]
    except av.FFmpegError:
        return 0
    return max(times, default=0)


# --- the shelf


async def no_chapters(_: ConferenceId) -> Sequence[Chapter]:
    return ()


def shelf(folder: Path, clock: Clock, keep: timedelta | None = None) -> Shelf:
    return Shelf(folder, clock, no_chapters, longest=HOUR, keep=keep)


async def feed(descriptor: int | None, pieces: Sequence[bytes]) -> None:
    assert descriptor is not None

    def write() -> None:
        with os.fdopen(descriptor, "wb") as pipe:
            for piece in pieces:
                pipe.write(piece)

    await asyncio.to_thread(write)


async def test_a_recording_is_listed_and_served_once_it_is_finished(tmp_path: Path) -> None:
    shelved = shelf(tmp_path, Clock())
    await feed(shelved.begin(SPRING), list(kit.tap("vp8", [3], 50)))
    await shelved.close()
    (found,) = await shelved.list(SPRING)
    assert found.began == MORNING
    assert found.seconds == pytest.approx(2, abs=0.2)
    served = await shelved.file(SPRING, found.id)
    assert served is not None
    path, media_type = served
    assert media_type == "video/webm"
    assert seen(path) == [3]


@pytest.mark.parametrize(
    "id_",
    [
        "../../etc/passwd",
        "nothing.webm",
        "",
        "20230301T013000250Z.webm",
        f"20230301T013000250Z.{'x' * 999}.webm",
    ],
)
async def test_other_files_are_not_served(tmp_path: Path, id_: str) -> None:
    assert await shelf(tmp_path, Clock()).file(SPRING, id_) is None


async def test_what_a_crash_left_is_finished_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / SPRING
    folder.mkdir()
    (part,) = Taken(folder, list(kit.tap("vp8", [3, 9], 50)), HOUR).finished
    cut = part.read_bytes()
    part.write_bytes(cut[: len(cut) * 3 // 4])
    shelved = shelf(tmp_path, Clock())
    assert [r.seconds for r in await shelved.list(SPRING)] == [None]
    await shelved.recover()
    (found,) = await shelved.list(SPRING)
    served = await shelved.file(SPRING, found.id)
    assert served is not None
    assert seen(served[0])[0] == 3


async def test_old_recordings_are_removed(tmp_path: Path) -> None:
    clock = Clock()
    shelved = shelf(tmp_path, clock, keep=timedelta(days=30))
    await feed(shelved.begin(SPRING), list(kit.tap("vp8", [3], 10)))
    await shelved.close()
    await shelved.sweep()
    assert len(await shelved.list(SPRING)) == 1
    clock.at += timedelta(days=31)
    await shelved.sweep()
    assert await shelved.list(SPRING) == []
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240
