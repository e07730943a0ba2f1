import type { Phase, Program, Slot } from "../protocol/wire";

export const SLOTS: readonly Slot[] = ["main", "second", "content"];
export const NOTHING: Program = { main: null, second: null, content: null };

export type Layout = "one" | "pair";

/** How the pictures stand on the screen; the class name of the stage. */
export type Stage = "empty" | "one" | "pair" | "content" | "content-one" | "content-pair";

export function stageOf(program: Program): Stage {
  const pictures = (program.main === null ? 0 : 1) + (program.second === null ? 0 : 1);
  if (program.content === null) return pictures === 0 ? "empty" : pictures === 1 ? "one" : "pair";
  return pictures === 0 ? "content" : pictures === 1 ? "content-one" : "content-pair";
}

export function isEmpty(program: Program): boolean {
  return SLOTS.every((slot) => program[slot] === null);
}

export function sameProgram(a: Program, b: Program): boolean {
  return SLOTS.every((slot) => a[slot] === b[slot]);
}

/** Slots in which a venue is. */
export function slotsOf(program: Program, venue: string): Slot[] {
  return SLOTS.filter((slot) => program[slot] === venue);
}

/** Puts a venue into a slot. A venue is in one picture slot at most: the two change places. */
export function place(program: Program, slot: Slot, venue: string | null): Program {
  const next = { ...program, [slot]: venue };
  if (venue === null || slot === "content") return next;
  const other: Slot = slot === "main" ? "second" : "main";
  if (program[other] === venue) next[other] = program[slot] === venue ? null : program[slot];
  return next;
}

/** "One" drops the second picture; a second without a main becomes the main. */
export function withLayout(program: Program, layout: Layout): Program {
  if (layout === "pair") return program;
  return { ...program, main: program.main ?? program.second, second: null };
}

/** Whether venues see the program rather than the waiting picture. */
export function showsProgram(phase: Phase, program: Program): boolean {
  return (phase === "in_session" || phase === "rehearsal") && !isEmpty(program);
}

export function isOnAir(phase: Phase, program: Program, venue: string): boolean {
  return showsProgram(phase, program) && slotsOf(program, venue).length > 0;
}
