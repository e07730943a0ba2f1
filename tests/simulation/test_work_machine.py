"""A programme under any sequence of commands by anybody, by a hypothesis state machine."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.support.programmes import (
    CARS,
    HANGZHOU,
    HENAN,
    HOMES,
    MINISTRY,
    NINGBO,
    OBSERVER,
    OFFICE,
    TIMER,
    XIHU,
    ZHEJIANG,
    broken_down,
    liaison,
    planned,
    report,
)

from podium.values.refusal import Refusal
from podium.values.text import OrganisationId
from podium.work import commands as c
from podium.work import events as e
from podium.work.codec import recorded_from_json, recorded_to_json
from podium.work.commands import Actor, Command
from podium.work.decide import decide
from podium.work.evolve import replay
from podium.work.policy import acts_for
from podium.work.refusals import CATALOGUE
from podium.work.snapshot import from_snapshot, snapshot_lines
from podium.work.state import ENDED, Stage
from podium.work.tree import answers_to, faulty
from podium.work.values import Cell, Evidence, MeasureId

POOL = [MINISTRY, ZHEJIANG, HANGZHOU, XIHU, NINGBO, HENAN]
BODIES = st.sampled_from([*POOL, OrganisationId("nobody")])
MEASURES = st.sampled_from([CARS, HOMES])
SOME = st.lists(BODIES, max_size=3, unique=True).map(tuple)
WHERE = (BODIES, MEASURES)
WORDS = st.sampled_from(["理由", ""])
ACTORS = st.sampled_from([OFFICE, OBSERVER, TIMER]) | BODIES.map(liaison)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(c.IssueMeasures, st.just((CARS, HOMES)) | st.just((CARS,)), SOME, SOME),
    st.builds(c.Sign, BODIES, st.just((CARS, HOMES)) | MEASURES.map(lambda m: (m,))),
    st.builds(c.BreakDown, *WHERE, SOME),
    st.builds(c.AnswerExtension, *WHERE, st.booleans()),
    st.builds(c.Verify, *WHERE),
    st.builds(c.SendBack, *WHERE, WORDS),
    st.builds(c.Close, *WHERE),
    st.builds(c.Reopen, *WHERE, WORDS),
    st.builds(c.Withdraw, *WHERE, WORDS),
    st.builds(c.MoveBody, BODIES, st.none()),
    st.builds(c.AbolishBody, BODIES),
    st.just(c.Escalate()),
)


class WorkMachine(RuleBasedStateMachine):
    @initialize(busy=st.booleans())
    def begin(self, busy: bool) -> None:
        self.story = broken_down() if busy else planned()
        self.expected: Counter[str] = Counter(entry.event.type for entry in self.story.entries)

    @rule(body=BODIES, into=BODIES)
    def merge(self, body: OrganisationId, into: OrganisationId) -> None:
        self._take(OFFICE, c.MergeBody(body, into))

    @rule(body=BODIES, parent=BODIES)
    def move(self, body: OrganisationId, parent: OrganisationId) -> None:
        self._take(OFFICE, c.MoveBody(body, parent))

    @rule(actor=ACTORS, command=COMMANDS)
    def anybody(self, actor: Actor, command: Command) -> None:
        self._take(actor, command)

    @rule(command=COMMANDS)
    def whoever_may(self, command: Command) -> None:
        """So that runs get somewhere: the body itself, or the issuer, acts."""
        state = self.story.programme
        organisation = getattr(command, "organisation", None)
        actor: Actor = OFFICE
        if isinstance(command, c.Escalate):
            actor = TIMER
        elif isinstance(command, c.Sign | c.BreakDown) and organisation is not None:
            actor = liaison(organisation)
        elif organisation is not None:
            cell = state.assignment(Cell(command.measure, organisation))  # type: ignore[union-attr]
            actor = OFFICE if cell is None else liaison(cell.issuer)
        self._take(actor, command)

    @rule(organisation=BODIES, measure=MEASURES, completed=st.booleans())
    def report(self, organisation: OrganisationId, measure: MeasureId, completed: bool) -> None:
        command = report(organisation, measure, period=self.story.today, completed=completed)
        photo = Evidence("现场.jpg", f"{len(self.story.entries):064x}", 1)
        self._take(liaison(organisation), replace(command, evidence=(photo,)))

    @rule(organisation=BODIES, measure=MEASURES, days=st.integers(1, 400))
    def ask(self, organisation: OrganisationId, measure: MeasureId, days: int) -> None:
        until = self.story.today + timedelta(days=days)
        self._take(liaison(organisation), c.AskExtension(organisation, measure, until, "晚"))

    @rule(days=st.integers(1, 40))
    def time_goes_on(self, days: int) -> None:
        if self.story.today.year < 2026:
            self.story = self.story.later(days)

    def _take(self, actor: Actor, command: Command) -> None:
        before = self.story.programme
        decision = self.story.ask(actor, command)
        if isinstance(decision, Refusal):
            assert CATALOGUE[decision.code] == decision
            return
        for event in decision:
            if isinstance(event, e.Closed):
                cell = before.assignment(Cell(event.measure, event.organisation))
                assert cell is not None
                assert cell.stage is Stage.VERIFIED
                assert acts_for(before, actor) == cell.issuer
            self._expect(event)
        self.story = self.story.then(decision, actor)

    def _expect(self, event: e.Event) -> None:
        """Reports and signatures that some assignment must keep for ever."""
        if isinstance(event, e.ReportFiled):
            self.expected["report_filed"] += 1
        if isinstance(event, e.Signed):
            self.expected["signed"] += 1

    @invariant()
    def every_entry_is_kept(self) -> None:
        kept: dict[str, set[int]] = {"report_filed": set(), "signed": set()}
        for _, assignment in self.story.programme.cells():
            assert list(assignment.history) == sorted(set(assignment.history))
            for seq in assignment.history:
                kind = self.story.entries[seq - 1].event.type
                if kind in kept:
                    kept[kind].add(seq)
        assert {kind: len(seqs) for kind, seqs in kept.items()} == {
            kind: self.expected[kind] for kind in kept
        }

    @invariant()
    def every_file_of_a_report_is_kept(self) -> None:
        said = {
            file.digest
            for entry in self.story.entries
            if isinstance(entry.event, e.ReportFiled)
            for file in entry.event.evidence
        }
        files = {f.digest for _, a in self.story.programme.cells() for f in a.files}
        assert files == said

    @invariant()
    def every_assignment_has_somebody_who_can_close_it(self) -> None:
        state = self.story.programme
        for cell, assignment in state.cells():
            for organisation in (cell.organisation, assignment.issuer):
                assert not state.bodies[organisation].abolished
            above = list(answers_to(state, cell.organisation, cell.measure))
            assert cell.organisation not in above
            if assignment.open:
                assert assignment.issuer == state.owner or above

    @invariant()
    def the_bodies_stay_a_tree(self) -> None:
        bodies = self.story.programme.bodies
        for body in bodies.values():
            if not body.abolished:
                assert faulty(bodies, body) is None
        assert not bodies[self.story.programme.owner].abolished

    @invariant()
    def a_replay_of_what_was_written_is_the_same(self) -> None:
        written = [recorded_to_json(entry) for entry in self.story.entries]
        again = replay(recorded_from_json(text) for text in written)
        assert again == self.story.state

    @rule(data=st.data())
    def a_snapshot_and_what_came_after_is_the_same(self, data: st.DataObject) -> None:
        entries = self.story.entries
        at = data.draw(st.integers(1, len(entries)))
        then = replay(entries[:at])
        assert then is not None
        kept = from_snapshot(snapshot_lines(then))
        after = replay(entries[at:], kept)
        assert after is not None
        assert after == self.story.state
        assert list(after.rows) == list(self.story.programme.rows)
        assert list(after.bodies) == list(self.story.programme.bodies)
        today = self.story.today
        escalate = decide(after, c.Escalate(), TIMER, today)
        assert escalate == decide(self.story.state, c.Escalate(), TIMER, today)

    @invariant()
    def an_assignment_that_ended_waits_for_nothing(self) -> None:
        for _, assignment in self.story.programme.cells():
            if assignment.stage in ENDED:
                assert assignment.extension is None


TestWork = WorkMachine.TestCase
TestWork.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
