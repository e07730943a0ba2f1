"""The live conference: one task each, which alone decides, records and publishes."""

from podium.hall.loop import Accepted, CommandFailed, Hall, HallBusy, HallStopped, Outcome
from podium.hall.ports import Clock, Log, LogConflict, Media, Telephone
from podium.hall.registry import Halls
from podium.hall.subscription import Change, Subscription, TooSlow

__all__ = [
    "Accepted",
    "Change",
    "Clock",
    "CommandFailed",
    "Hall",
    "HallBusy",
    "HallStopped",
    "Halls",
    "Log",
    "LogConflict",
    "Media",
    "Outcome",
    "Subscription",
    "Telephone",
    "TooSlow",
]
