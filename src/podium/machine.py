"""Finite state machines as tables: the code asks them, the documents draw them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """``trigger`` names what leads along the arrow: a command, a message, a timer."""

    source: S
    trigger: str
    target: S


@dataclass(frozen=True, slots=True)
class Machine(Generic[S]):
    """A finite state machine; deterministic: one target for a source and a trigger."""

    title: str
    about: str
    initial: S
    transitions: tuple[Transition[S], ...]
    final: frozenset[S] = frozenset()

    def after(self, source: S, trigger: str) -> S | None:
        """Where ``trigger`` leads from ``source``, or ``None`` where it leads nowhere."""
        return next(
            (t.target for t in self.transitions if t.source is source and t.trigger == trigger),
            None,
        )

    def targets(self, trigger: str) -> frozenset[S]:
        return frozenset(t.target for t in self.transitions if t.trigger == trigger)

    def mermaid(self) -> str:
        """The machine as a Mermaid state diagram; parallel arrows share a line."""
        arrows: dict[tuple[S, S], list[str]] = {}
        for t in self.transitions:
            arrows.setdefault((t.source, t.target), []).append(t.trigger)
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {a} --> {b}: {' / '.join(names)}" for (a, b), names in arrows.items()]
        lines += [f"    {state} --> [*]" for state in sorted(self.final)]
        return "\n".join(lines)

    def section(self) -> str:
        """The machine as a section of a Markdown document."""
        return f"## {self.title}\n{self.about}\n\n```mermaid\n{self.mermaid()}\n```\n"
