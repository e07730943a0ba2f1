"""Whole coded pictures from runs of RTP payloads. Nothing is decoded or coded anew.

A picture of which a packet is missing is dropped, and so is what refers to it, up to the next
keyframe.
"""

from __future__ import annotations

from dataclasses import dataclass

from podium.record.recording.payloads import JOINS
from podium.record.recording.tap import PictureRun


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """``taken``: microseconds on the engine's clock, of the first packet."""

    codec: str
    keyframe: bool
    taken: int
    data: bytes


class Assembler:
    """Pictures of one slot. A change of source begins with a keyframe."""

    def __init__(self) -> None:
        self._runs: list[PictureRun] = []
        self._epoch = -1
        self._sound = False
        """Every picture since the last keyframe was whole."""

    def take(self, run: PictureRun) -> CodedPicture | None:
        """The picture that this run completes."""
        if run.epoch != self._epoch:
            self._epoch, self._sound = run.epoch, False
            self._runs = []
        if run.begins:
            if self._runs:
                self._sound = False  # the one before never ended
            self._runs = [run]
        elif self._runs and run.taken >= self._runs[0].taken:
            self._runs.append(run)
        else:
            self._sound = False
            return None
        return self._finished() if run.ends else None

    def _finished(self) -> CodedPicture | None:
        runs, self._runs = self._runs, []
        join = JOINS.get(runs[0].codec)
        if join is None:
            return None
        keyframe = runs[0].keyframe
        self._sound = self._sound or keyframe
        data = join([payload for run in runs for payload in run.payloads])
        if data is None or not self._sound:
            self._sound = False
            return None
        return CodedPicture(runs[0].codec, keyframe, runs[0].taken, data)
