"""The voice menu: what a caller hears, and what their keys do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.conference.lifecycle import FloorPlace
from podium.conference.state import Phase
from podium.telephone import menu as m
from podium.telephone import menu_values as v
from podium.telephone.menu import Menu, step
from podium.telephone.menu_values import MENU, Input, Key, Output, Stage, Standing
from podium.telephone.prompts.texts import Language, Prompt

IN_SESSION = Standing(Phase.IN_SESSION)
ZH = Menu(languages=(Language.ZH,))


class Caller:
    """Plays a call and remembers what came of the last input."""

    def __init__(self, menu: Menu = ZH) -> None:
        self.menu = menu
        self.last: tuple[Output, ...] = ()

    def gets(self, *inputs: Input) -> Caller:
        for happened in inputs:
            self.menu, self.last = step(self.menu, happened)
        return self

    def presses(self, keys: str) -> Caller:
        return self.gets(*map(Key, keys))

    @property
    def hears(self) -> tuple[str, ...]:
        return next((o.names for o in self.last if isinstance(o, v.Say)), ())

    @property
    def stage(self) -> Stage:
        return self.menu.stage


def zh(*prompts: Prompt) -> tuple[str, ...]:
    return tuple(f"zh/{prompt}" for prompt in prompts)


def does(caller: Caller, output: Output) -> bool:
    return output in caller.last


def in_conference(standing: Standing = IN_SESSION, menu: Menu = ZH) -> Caller:
    return Caller(menu).gets(v.Known(standing.phase), v.Admitted(standing))


def test_welcome_is_chinese_then_english_unless_the_account_says_otherwise() -> None:
    assert Caller(Menu()).gets(v.DialledIn()).hears == ("zh/welcome", "en/welcome")
    english = Menu(languages=(Language.EN,))
    assert Caller(english).gets(v.DialledIn()).hears == ("en/welcome",)


def test_star_chooses_english_and_star_again_chinese() -> None:
    caller = Caller(Menu()).gets(v.DialledIn()).presses("*")
    assert caller.hears == ("en/enter_pin",)
    assert caller.presses("*").hears == ("zh/enter_pin",)


def test_who_chooses_no_language_is_spoken_to_in_the_house_s_own_once_inside() -> None:
    caller = in_conference(menu=Menu())
    assert caller.hears[0] == "zh/joined_venue"
    assert not [name for name in caller.hears if name.startswith("en/")]


@pytest.mark.parametrize("end", [Key("#"), v.TimedOut()])
def test_a_pin_ends_with_hash_or_a_pause(end: Input) -> None:
    caller = Caller().gets(v.DialledIn()).presses("20230301")
    assert does(caller, v.Wait(m.KEY_SECONDS))
    caller.gets(end)
    assert does(caller, v.CheckPin("20230301"))
    assert caller.stage is Stage.CHECKING
    assert caller.menu.typed == ""


def test_the_first_key_silences_the_welcome() -> None:
    caller = Caller().gets(v.DialledIn()).presses("2")
    assert caller.last[0] == v.Say(())
    caller.gets(v.Played())
    assert caller.last == ()


def test_star_begins_a_pin_anew() -> None:
    caller = Caller().gets(v.DialledIn()).presses("99*12345678#")
    assert does(caller, v.CheckPin("12345678"))


def test_a_pin_that_never_ends_stays_bounded_and_wrong() -> None:
    caller = Caller().gets(v.DialledIn()).presses("1" * 500)
    assert len(caller.menu.typed) == m.LONGEST_PIN + 1


def test_keys_pressed_while_the_pin_is_looked_up_are_dropped() -> None:
    caller = Caller().gets(v.DialledIn()).presses("12345678##55")
    assert caller.stage is Stage.CHECKING
    assert caller.menu.typed == ""


def test_three_wrong_pins_end_the_call() -> None:
    caller = Caller().gets(v.DialledIn())
    for _ in range(2):
        caller.presses("111111#").gets(v.PinUnknown())
        assert (caller.stage, caller.hears) == (Stage.ENTERING, zh(Prompt.PIN_WRONG))
    caller.presses("111111#").gets(v.PinUnknown())
    assert (caller.stage, caller.hears) == (Stage.LEAVING, zh(Prompt.PIN_FAILED))
    assert caller.gets(v.Played()).last == (v.HangUp(),)
    assert caller.stage is Stage.GONE


def test_who_presses_nothing_is_asked_three_times() -> None:
    caller = Caller().gets(v.DialledIn())
    for _ in range(2):
        assert caller.gets(v.Played()).last == (v.Wait(m.ANSWER_SECONDS),)
        assert caller.gets(v.TimedOut()).hears == zh(Prompt.NO_KEYS, Prompt.ENTER_PIN)
    caller.gets(v.Played(), v.TimedOut())
    assert (caller.stage, caller.hears) == (Stage.LEAVING, zh(Prompt.GOODBYE))


def test_a_right_pin_joins_and_tells_what_one_is_and_the_keys() -> None:
    caller = Caller().gets(v.DialledIn()).presses("12345678#").gets(v.Known(Phase.IN_SESSION))
    assert caller.last == (v.Join(),)
    caller.gets(v.Admitted(IN_SESSION, ("venues/henan",)))
    assert caller.stage is Stage.CONFERENCE
    assert caller.hears == (
        "zh/joined_venue",
        "venues/henan",
        *zh(Prompt.IN_SESSION, Prompt.MICROPHONE_CLOSED, Prompt.KEYS),
    )


def test_a_guest_hears_that_it_is_one_and_when_it_is_assigned() -> None:
    guest = replace(IN_SESSION, guest=True)
    caller = in_conference(guest)
    assert caller.hears[0] == "zh/joined_guest"
    assert caller.gets(v.Changed(IN_SESSION)).hears == zh(Prompt.NOW_VENUE)


def test_before_the_conference_one_waits_and_is_let_in_when_it_opens() -> None:
    caller = Caller().gets(v.Known(Phase.SCHEDULED))
    assert (caller.stage, caller.hears) == (Stage.WAITING, zh(Prompt.NOT_BEGUN))
    assert caller.gets(v.TimedOut()).hears == zh(Prompt.NOT_BEGUN)
    caller.gets(v.Changed(Standing(Phase.OPEN)))
    assert does(caller, v.Join())


def test_nobody_waits_for_ever() -> None:
    caller = Caller().gets(v.Known(Phase.SCHEDULED))
    for _ in range(m.REMINDERS):
        caller.gets(v.TimedOut())
    assert (caller.stage, caller.hears) == (Stage.LEAVING, zh(Prompt.CALL_LATER))


def test_after_the_conference_one_hears_that_it_is_over() -> None:
    assert Caller().gets(v.Known(Phase.CLOSED)).hears == zh(Prompt.OVER)
    caller = in_conference().gets(v.Changed(Standing(Phase.CLOSED)))
    assert (caller.stage, caller.hears) == (Stage.LEAVING, zh(Prompt.OVER))


def test_key_1_asks_for_the_floor_and_withdraws_once_the_answer_is_heard() -> None:
    caller = in_conference().presses("1")
    assert does(caller, v.AskForFloor())
    waits = replace(IN_SESSION, floor=FloorPlace.WAITS)
    assert caller.gets(v.Changed(waits)).hears == zh(Prompt.FLOOR_ASKED)
    assert caller.presses("1").last == ()
    caller.gets(v.Played()).presses("1")
    assert does(caller, v.WithdrawRequest())
    assert caller.gets(v.Changed(IN_SESSION)).hears == zh(Prompt.FLOOR_WITHDRAWN)


def test_key_1_never_gives_the_floor_back() -> None:
    caller = in_conference(replace(IN_SESSION, floor=FloorPlace.HOLDS, microphone=True))
    caller.presses("1")
    assert caller.hears == zh(Prompt.FLOOR_GRANTED)


def test_a_refused_request_is_told_and_can_be_repeated() -> None:
    caller = in_conference(Standing(Phase.OPEN)).presses("1").gets(v.FloorRefused())
    assert caller.hears == zh(Prompt.FLOOR_NOT_NOW)
    assert does(caller.gets(v.Played()).presses("1"), v.AskForFloor())


def test_a_request_without_an_answer_can_be_repeated_after_a_while() -> None:
    caller = in_conference().presses("1").gets(v.TimedOut()).presses("1")
    assert does(caller, v.AskForFloor())


def test_the_floor_and_the_microphone_are_told_together() -> None:
    speaks = replace(IN_SESSION, floor=FloorPlace.HOLDS, microphone=True)
    caller = in_conference().gets(v.Changed(speaks))
    assert caller.last == (v.Say(zh(Prompt.FLOOR_GRANTED, Prompt.MICROPHONE_OPEN), over=True),)
    assert caller.gets(v.Changed(IN_SESSION)).hears == zh(
        Prompt.FLOOR_ENDED, Prompt.MICROPHONE_CLOSED
    )


def test_key_0_tells_the_own_state() -> None:
    caller = in_conference(replace(IN_SESSION, floor=FloorPlace.WAITS)).presses("0")
    assert caller.hears == zh(Prompt.IN_SESSION, Prompt.FLOOR_ASKED, Prompt.MICROPHONE_CLOSED)


@pytest.mark.parametrize("key", list("23456789#ABCD"))
def test_every_other_key_tells_the_keys_and_does_nothing(key: str) -> None:
    caller = in_conference().presses(key)
    assert caller.last == (v.Say(zh(Prompt.KEYS), over=True),)


def test_a_call_of_ours_asks_for_key_1() -> None:
    caller = Caller().gets(v.Called(fallback=False))
    assert caller.hears == zh(Prompt.INVITED)
    assert caller.presses("5").hears == zh(Prompt.INVITED)
    assert does(caller.presses("1"), v.Join())


def test_an_answering_machine_is_hung_up_on() -> None:
    caller = Caller().gets(v.Called(fallback=True))
    assert caller.hears == zh(Prompt.FALLBACK)
    for _ in range(m.SILENCES):
        caller.gets(v.Played(), v.TimedOut())
    assert caller.stage is Stage.LEAVING
    assert caller.gets(v.Played()).last == (v.HangUp(unanswered=True),)


def test_last_words_that_never_end_do_not_keep_the_call() -> None:
    caller = in_conference().gets(v.SentAway((Prompt.DROPPED,)))
    assert caller.last == (v.Say(zh(Prompt.DROPPED)), v.Wait(m.FAREWELL_SECONDS))
    assert caller.gets(v.TimedOut()).last == (v.HangUp(),)


def test_no_pin_is_ever_shown() -> None:
    caller = Caller().gets(v.DialledIn()).presses("20230301")
    assert "2023" not in repr(caller.menu)
    caller.presses("#")
    assert "2023" not in repr(caller.last)
    assert "7" not in repr(Key("7"))


STANDINGS = st.builds(
    Standing, st.sampled_from(Phase), st.sampled_from(FloorPlace), st.booleans(), st.booleans()
)
INPUTS: st.SearchStrategy[Input] = st.one_of(
    st.builds(Key, st.sampled_from("0123456789*#AD")),
    st.sampled_from([v.TimedOut(), v.Played(), v.PinUnknown(), v.DialledIn(), v.FloorRefused()]),
    st.builds(v.Called, st.booleans()),
    st.builds(v.Known, st.sampled_from(Phase)),
    st.builds(v.Admitted, STANDINGS),
    st.builds(v.Changed, STANDINGS),
    st.builds(v.SentAway, st.just((Prompt.DROPPED,))),
)


@given(st.lists(INPUTS, max_size=60))
def test_every_step_is_in_the_table_and_nothing_follows_the_end(inputs: list[Input]) -> None:
    arrows = {(t.source, t.target) for t in MENU.transitions}
    menu = Menu()
    for happened in inputs:
        after, outputs = step(menu, happened)
        assert after.stage is menu.stage or (menu.stage, after.stage) in arrows
        if menu.stage is Stage.GONE:
            assert (after, outputs) == (menu, ())
        if any(isinstance(o, v.HangUp) for o in outputs):
            assert after.stage is Stage.GONE
        menu = after


@given(st.lists(INPUTS, max_size=40))
def test_wherever_a_call_stands_it_ends_when_nobody_does_anything(inputs: list[Input]) -> None:
    """Silence alone ends every stage but the conference itself and what others must answer."""
    caller = Caller(Menu()).gets(*inputs)
    if caller.stage in (Stage.START, Stage.CHECKING, Stage.JOINING, Stage.CONFERENCE):
        caller.gets(v.SentAway((Prompt.TROUBLE,)))
    for _ in range(m.REMINDERS + 2):
        caller.gets(v.Played(), v.TimedOut())
        if caller.stage is Stage.CHECKING:
            caller.gets(v.PinUnknown())
    assert caller.stage is Stage.GONE


def test_the_document_draws_this_table() -> None:
    text = Path("docs/phones.md").read_text(encoding="utf-8")
    assert MENU.section() in text
