import { describe, expect, it } from "vitest";
import { reveal, steady, SteadyList, windowOf } from "./list";

describe("window of a long list", () => {
  it("draws what is seen and a little around it", () => {
    expect(windowOf(3200, 320, 32, 3000, 6)).toEqual({ start: 94, end: 116, total: 96_000 });
  });

  it("stays within the list at both ends and beyond", () => {
    expect(windowOf(0, 320, 32, 5)).toEqual({ start: 0, end: 5, total: 160 });
    expect(windowOf(90_000, 320, 32, 10)).toEqual({ start: 10, end: 10, total: 320 });
    expect(windowOf(-50, 320, 32, 3000).start).toBe(0);
    expect(windowOf(0, 320, 32, 0)).toEqual({ start: 0, end: 0, total: 0 });
  });

  it("scrolls as little as possible to show a row", () => {
    expect(reveal(3, 0, 320, 32)).toBe(0);
    expect(reveal(10, 0, 320, 32)).toBe(32);
    expect(reveal(2, 320, 320, 32)).toBe(64);
  });
});

describe("steady order", () => {
  it("follows freely when no pointer is there", () => {
    expect(steady(["a", "b"], ["c", "a"], false)).toEqual(["c", "a"]);
  });

  it("moves nothing under the pointer: what went keeps its place, what is new comes last", () => {
    expect(steady(["a", "b", "c"], ["d", "c", "a"], true)).toEqual(["a", "b", "c", "d"]);
  });

  it("says which rows are gone and shows them as they last were", () => {
    const list = new SteadyList<{ id: string; n: number }>((item) => item.id);
    list.next([{ id: "a", n: 1 }, { id: "b", n: 1 }], false);
    const held = list.next([{ id: "b", n: 2 }], true);
    expect(held).toEqual([
      { item: { id: "a", n: 1 }, gone: true },
      { item: { id: "b", n: 2 }, gone: false },
    ]);
    expect(list.next([{ id: "b", n: 3 }], true)).toHaveLength(2);
    expect(list.next([{ id: "b", n: 3 }], false)).toEqual([{ item: { id: "b", n: 3 }, gone: false }]);
  });
});
