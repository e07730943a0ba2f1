"""The voice menu of one call: a pure state machine. Keys, time-outs, ended prompts and news of the
conference go in; what to play, to wait for, to look up and to ask of the conference comes out.

Keys in the conference: 1 asks for the floor or withdraws the request, 0 tells the own state, star
changes the language, every other key tells the keys. None ends the call or opens a microphone:
people press keys out of habit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from podium.conference.lifecycle import FloorPlace
from podium.conference.state import Phase
from podium.telephone.menu_values import (
    MENU,
    Admitted,
    AskForFloor,
    Called,
    Changed,
    CheckPin,
    DialledIn,
    FloorRefused,
    HangUp,
    Input,
    Join,
    Key,
    Known,
    Output,
    PinUnknown,
    Played,
    Say,
    SentAway,
    Stage,
    Standing,
    StopWaiting,
    TimedOut,
    Wait,
    WithdrawRequest,
)
from podium.telephone.prompts import name_of
from podium.telephone.prompts.texts import Language, Prompt

TRIES: Final = 3
"""Wrong PINs in one call."""
SILENCES: Final = 3
"""Times that a question is asked when nobody answers."""
LONGEST_PIN: Final = 16
ANSWER_SECONDS: Final = 8.0
"""From the end of a question to the next."""
KEY_SECONDS: Final = 4.0
"""From one key of a PIN to the next; then it counts as complete."""
FAREWELL_SECONDS: Final = 30.0
"""Until the call ends, should the last words never end."""
REMINDER_SECONDS: Final = 60.0
REMINDERS: Final = 30
"""Before the conference; then the caller is asked to call later."""
PATIENCE_SECONDS: Final = 5.0
"""Until the key 1 works again, should nothing be said about it."""


_NOTHING_KNOWN: Final = Standing(Phase.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Menu:
    """Where one call stands. A PIN, whole or in part, is never shown."""

    languages: tuple[Language, ...] = tuple(Language)
    """Everything is said in each, until one is chosen; the first is the house's own."""
    stage: Stage = Stage.START
    typed: str = field(default="", repr=False)
    tries: int = 0
    silences: int = 0
    fallback: bool = False
    standing: Standing = _NOTHING_KNOWN
    busy: bool = False
    """Key 1 has been pressed, and its answer is not heard to the end."""
    unanswered: bool = False


Step = tuple[Menu, tuple[Output, ...]]


def step(menu: Menu, happened: Input) -> Step:
    """What a call does next. An input that has no meaning in this stage changes nothing."""
    if isinstance(happened, SentAway):
        return _sent_away(menu, happened)
    rule = _RULES.get((menu.stage, type(happened)))
    return (menu, ()) if rule is None else rule(menu, happened)


# --- helpers


def _go(menu: Menu, trigger: str) -> Menu:
    stage = MENU.after(menu.stage, trigger)
    if stage is None:
        raise AssertionError(f"{trigger} leads nowhere from {menu.stage}")
    return replace(menu, stage=stage)


def _say(menu: Menu, *prompts: Prompt, over: bool = False) -> Say:
    names = (name_of(language, prompt) for language in menu.languages for prompt in prompts)
    return Say(tuple(names), over)


def _leave(menu: Menu, trigger: str, *words: Prompt) -> Step:
    left = _go(menu, trigger)
    return left, (_say(left, *words), Wait(FAREWELL_SECONDS))


def _other_language(menu: Menu) -> Menu:
    """Of both: the one that is not the house's own. Of one: the other."""
    (chosen,) = (lang for lang in Language if lang is not menu.languages[0])
    return replace(menu, languages=(chosen,))


def _own_language(menu: Menu) -> Menu:
    return replace(menu, languages=menu.languages[:1])


def _sent_away(menu: Menu, happened: SentAway) -> Step:
    if menu.stage in (Stage.LEAVING, Stage.GONE):
        return menu, ()
    return _leave(menu, "sent away", *happened.words)


# --- coming in


def _dialled_in(menu: Menu, _: Input) -> Step:
    return _go(menu, "dialled in"), (_say(menu, Prompt.WELCOME),)


def _pin_key(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Key)
    if happened.digit == "*":
        other = _other_language(replace(menu, typed=""))
        return other, (_say(other, Prompt.ENTER_PIN), StopWaiting())
    if happened.digit == "#":
        return _pin_complete(menu) if menu.typed else (menu, ())
    if not happened.digit.isdecimal():
        return menu, ()
    hush: tuple[Output, ...] = () if menu.typed else (Say(()),)
    typed = (menu.typed + happened.digit)[: LONGEST_PIN + 1]  # one too many stays wrong
    return replace(menu, typed=typed, silences=0), (*hush, Wait(KEY_SECONDS))


def _pin_played(menu: Menu, _: Input) -> Step:
    return (menu, ()) if menu.typed else (menu, (Wait(ANSWER_SECONDS),))


def _pin_timed_out(menu: Menu, _: Input) -> Step:
    if menu.typed:
        return _pin_complete(menu)
    silences = menu.silences + 1
    if silences >= SILENCES:
        return _leave(menu, "no key", Prompt.GOODBYE)
    asked = replace(menu, silences=silences)
    return asked, (_say(asked, Prompt.NO_KEYS, Prompt.ENTER_PIN),)


def _pin_complete(menu: Menu) -> Step:
    checking = replace(_go(menu, "PIN complete"), typed="")
    return checking, (CheckPin(menu.typed), StopWaiting())


def _pin_unknown(menu: Menu, _: Input) -> Step:
    tried = replace(menu, tries=menu.tries + 1)
    if tried.tries >= TRIES:
        return _leave(tried, "PIN wrong again", Prompt.PIN_FAILED)
    again = _go(tried, "PIN wrong")
    return again, (_say(again, Prompt.PIN_WRONG),)


def _known(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Known)
    match happened.phase:
        case Phase.CLOSED:
            return _leave(menu, "known, over", Prompt.OVER)
        case Phase.SCHEDULED:
            waiting = _go(menu, "known, not open")
            return waiting, (_say(waiting, Prompt.NOT_BEGUN), Wait(REMINDER_SECONDS))
        case _:
            return _go(menu, "known"), (Join(),)


# --- called by us


def _called(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Called)
    invited = replace(_go(menu, "called"), fallback=happened.fallback)
    return invited, (_invitation(invited),)


def _invitation(menu: Menu) -> Say:
    return _say(menu, Prompt.FALLBACK if menu.fallback else Prompt.INVITED)


def _invited_key(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Key)
    if happened.digit == "1":
        return _go(menu, "key 1"), (Say(()), StopWaiting(), Join())
    other = _other_language(menu) if happened.digit == "*" else menu
    return other, (_invitation(other), StopWaiting())


def _invited_played(menu: Menu, _: Input) -> Step:
    return menu, (Wait(ANSWER_SECONDS),)


def _invited_timed_out(menu: Menu, _: Input) -> Step:
    silences = menu.silences + 1
    if silences >= SILENCES:
        return _leave(replace(menu, unanswered=True), "no key", Prompt.GOODBYE)
    return replace(menu, silences=silences), (_invitation(menu),)


# --- before the conference


def _remind(menu: Menu, _: Input) -> Step:
    reminded = replace(menu, silences=menu.silences + 1)
    if reminded.silences >= REMINDERS:
        return _leave(reminded, "long time", Prompt.CALL_LATER)
    return reminded, (_say(menu, Prompt.NOT_BEGUN), Wait(REMINDER_SECONDS))


def _waiting_changed(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Changed)
    match happened.standing.phase:
        case Phase.CLOSED:
            return _leave(menu, "conference over", Prompt.OVER)
        case Phase.SCHEDULED:
            return menu, ()
        case _:
            return _go(menu, "conference opens"), (Say(()), StopWaiting(), Join())


# --- in the conference


def _admitted(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Admitted)
    standing = happened.standing
    here = _own_language(replace(_go(menu, "admitted"), standing=standing, silences=0))
    joined = Prompt.JOINED_GUEST if standing.guest else Prompt.JOINED_VENUE
    names = (
        *_say(here, joined).names,
        *happened.name,
        *_say(here, *_state(standing), Prompt.KEYS).names,
    )
    return here, (Say(names, over=True), StopWaiting())


def _state(standing: Standing) -> tuple[Prompt, ...]:
    microphone = Prompt.MICROPHONE_OPEN if standing.microphone else Prompt.MICROPHONE_CLOSED
    return (*_PHASES.get(standing.phase, ()), *_PLACES[standing.floor], microphone)


def _conference_key(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Key)
    match happened.digit:
        case "1":
            return _floor_key(menu)
        case "0":
            return menu, (_say(menu, *_state(menu.standing), over=True),)
        case "*":
            other = _other_language(menu)
            return other, (_say(other, Prompt.KEYS, over=True),)
        case _:
            return menu, (_say(menu, Prompt.KEYS, over=True),)


def _floor_key(menu: Menu) -> Step:
    """Pressing twice in haste must not withdraw what was asked."""
    if menu.busy:
        return menu, ()
    busy = replace(menu, busy=True)
    match menu.standing.floor:
        case FloorPlace.HOLDS:
            return busy, (_say(menu, Prompt.FLOOR_GRANTED, over=True), Wait(PATIENCE_SECONDS))
        case FloorPlace.WAITS:
            return busy, (WithdrawRequest(), Wait(PATIENCE_SECONDS))
        case FloorPlace.NONE:
            return busy, (AskForFloor(), Wait(PATIENCE_SECONDS))


def _ready(menu: Menu, _: Input) -> Step:
    return replace(menu, busy=False), ()


def _floor_refused(menu: Menu, _: Input) -> Step:
    return menu, (_say(menu, Prompt.FLOOR_NOT_NOW, over=True),)


def _conference_changed(menu: Menu, happened: Input) -> Step:
    assert isinstance(happened, Changed)
    before, after = menu.standing, happened.standing
    changed = replace(menu, standing=after)
    if after.phase in (Phase.CLOSED, Phase.SCHEDULED):  # a rehearsal ends in SCHEDULED
        return _leave(changed, "conference over", Prompt.OVER)
    news = announced(before, after)
    return changed, ((_say(menu, *news, over=True),) if news else ())


def announced(before: Standing, after: Standing) -> tuple[Prompt, ...]:
    """What a caller hears of a change, in this order: who they are, the conference, the floor,
    the microphone."""
    news: list[Prompt] = []
    if before.guest and not after.guest:
        news.append(Prompt.NOW_VENUE)
    if before.phase is not after.phase:
        news.extend(_PHASES.get(after.phase, ()))
    if before.floor is not after.floor:
        news.extend(_PLACES[after.floor] or _NO_PLACE[before.floor])
    if before.microphone is not after.microphone:
        opened = after.microphone
        news.append(Prompt.MICROPHONE_OPEN if opened else Prompt.MICROPHONE_CLOSED)
    return tuple(news)


def _last_words_said(menu: Menu, _: Input) -> Step:
    return _go(menu, "last words said"), (HangUp(menu.unanswered),)


_PHASES: Final[Mapping[Phase, tuple[Prompt, ...]]] = {
    Phase.REHEARSAL: (Prompt.REHEARSAL,),
    Phase.OPEN: (Prompt.NOT_BEGUN,),
    Phase.IN_SESSION: (Prompt.IN_SESSION,),
    Phase.ADJOURNED: (Prompt.ADJOURNED,),
}
_PLACES: Final[Mapping[FloorPlace, tuple[Prompt, ...]]] = {
    FloorPlace.NONE: (),
    FloorPlace.WAITS: (Prompt.FLOOR_ASKED,),
    FloorPlace.HOLDS: (Prompt.FLOOR_GRANTED,),
}
_NO_PLACE: Final[Mapping[FloorPlace, tuple[Prompt, ...]]] = {
    FloorPlace.NONE: (),
    FloorPlace.WAITS: (Prompt.FLOOR_WITHDRAWN,),
    FloorPlace.HOLDS: (Prompt.FLOOR_ENDED,),
}
_RULES: Final[Mapping[tuple[Stage, type[Input]], Callable[[Menu, Input], Step]]] = {
    (Stage.START, DialledIn): _dialled_in,
    (Stage.START, Known): _known,
    (Stage.START, Called): _called,
    (Stage.ENTERING, Key): _pin_key,
    (Stage.ENTERING, Played): _pin_played,
    (Stage.ENTERING, TimedOut): _pin_timed_out,
    (Stage.CHECKING, PinUnknown): _pin_unknown,
    (Stage.CHECKING, Known): _known,
    (Stage.INVITED, Key): _invited_key,
    (Stage.INVITED, Played): _invited_played,
    (Stage.INVITED, TimedOut): _invited_timed_out,
    (Stage.WAITING, TimedOut): _remind,
    (Stage.WAITING, Changed): _waiting_changed,
    (Stage.JOINING, Admitted): _admitted,
    (Stage.CONFERENCE, Key): _conference_key,
    (Stage.CONFERENCE, Played): _ready,
    (Stage.CONFERENCE, TimedOut): _ready,
    (Stage.CONFERENCE, Changed): _conference_changed,
    (Stage.CONFERENCE, FloorRefused): _floor_refused,
    (Stage.LEAVING, Played): _last_words_said,
    (Stage.LEAVING, TimedOut): _last_words_said,
}
