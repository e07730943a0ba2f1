"""The spoken side of one call: its menu, its leg's sound, and one timer."""

from __future__ import annotations

import asyncio
from typing import Protocol

from podium.hall.legs import LegId
from podium.telephone import menu_values as v
from podium.telephone.menu import Menu, step
from podium.telephone.ports import Legs


class DialogueUser(Protocol):
    """Whose call it is. Each answers by feeding the dialogue, now or later."""

    def check_pin(self, pin: str) -> None: ...

    def join(self) -> None: ...

    def ask_for_floor(self) -> None: ...

    def withdraw_request(self) -> None: ...

    def hang_up(self, *, unanswered: bool) -> None: ...


class Dialogue:
    """Feed it what happens; it plays, waits, and asks its user."""

    def __init__(self, leg: LegId, legs: Legs, menu: Menu, user: DialogueUser) -> None:
        self._leg = leg
        self._legs = legs
        self._menu = menu
        self._user = user
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._playing = 0
        """Lists of recordings that the engine has been given and not told the end of."""

    @property
    def stage(self) -> v.Stage:
        return self._menu.stage

    def feed(self, happened: v.Input) -> None:
        if isinstance(happened, v.TimedOut):
            self._timer = None
        self._menu, outputs = step(self._menu, happened)
        for output in outputs:
            self._do(output)

    def key(self, digit: str) -> None:
        self.feed(v.Key(digit))

    def played(self) -> None:
        """The engine tells the end of every list, also of those that were replaced."""
        self._playing -= 1
        if self._playing == 0:
            self.feed(v.Played())

    def close(self) -> None:
        self._stop_waiting()

    def _do(self, output: v.Output) -> None:
        match output:
            case v.Say(names=names, over=over):
                self._playing += bool(names)
                self._legs.play(self._leg, names, over=over)
            case v.Wait(seconds=seconds):
                self._stop_waiting()
                self._timer = self._loop.call_later(seconds, self.feed, v.TimedOut())
            case v.StopWaiting():
                self._stop_waiting()
            case v.CheckPin(pin=pin):
                self._user.check_pin(pin)
            case v.Join():
                self._user.join()
            case v.AskForFloor():
                self._user.ask_for_floor()
            case v.WithdrawRequest():
                self._user.withdraw_request()
            case v.HangUp(unanswered=unanswered):
                self.close()
                self._user.hang_up(unanswered=unanswered)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
