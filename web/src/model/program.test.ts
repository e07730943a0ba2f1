import { describe, expect, it } from "vitest";
import { isOnAir, NOTHING, place, showsProgram, stageOf, withLayout } from "./program";

const program = (main: string | null, second: string | null = null, content: string | null = null) => ({ main, second, content });

describe("program", () => {
  it.each([
    [program(null), "empty"],
    [program("a"), "one"],
    [program(null, "b"), "one"],
    [program("a", "b"), "pair"],
    [program(null, null, "c"), "content"],
    [program("a", null, "a"), "content-one"],
    [program("a", "b", "a"), "content-pair"],
  ] as const)("%o stands as %s", (p, stage) => expect(stageOf(p)).toBe(stage));

  it("shows no venue in both picture slots: they change places", () => {
    expect(place(program("a", "b"), "main", "b")).toEqual(program("b", "a"));
    expect(place(program("a", "b"), "second", "a")).toEqual(program("b", "a"));
    expect(place(program("a"), "second", "a")).toEqual(program(null, "a"));
  });

  it("leaves the pictures alone when content comes from a venue that is shown", () => {
    expect(place(program("a", "b"), "content", "a")).toEqual(program("a", "b", "a"));
  });

  it("keeps the only picture when the layout becomes one", () => {
    expect(withLayout(program("a", "b"), "one")).toEqual(program("a"));
    expect(withLayout(program(null, "b", "c"), "one")).toEqual(program("b", null, "c"));
  });

  it("is seen in session and rehearsal alone", () => {
    expect(showsProgram("in_session", program("a"))).toBe(true);
    expect(showsProgram("rehearsal", program("a"))).toBe(true);
    expect(showsProgram("open", program("a"))).toBe(false);
    expect(showsProgram("in_session", NOTHING)).toBe(false);
    expect(isOnAir("adjourned", program("a"), "a")).toBe(false);
    expect(isOnAir("in_session", program(null, "a"), "a")).toBe(true);
  });
});
