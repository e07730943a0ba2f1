import { describe, expect, it } from "vitest";
import { ConferenceStore } from "./conference";
import { venue, wireView } from "./testing";

const YOU = { role: "operator", venue: null } as const;

function delta(base: number, change: object = {}) {
  return { type: "delta" as const, seq: base + 1, base, at: "", set: {}, venues: {}, gone: [], ...change };
}

function setUp(schedule?: (run: () => void) => void) {
  const store = new ConferenceStore(schedule);
  const view = wireView([venue("b", { order: 2 }), venue("a", { order: 1 })]);
  store.snapshot({ type: "snapshot", seq: 5, view, you: YOU, now: "" });
  return store;
}

describe("conference view", () => {
  it("has its venues in protocol order, whatever the order of the wire", () => {
    expect([...setUp().view.get()!.venues.keys()]).toEqual(["a", "b"]);
  });

  it("applies what a delta sets, replaces and drops", () => {
    const store = setUp();
    const open = venue("b", { order: 2, microphone: "open" });
    expect(store.delta(delta(5, { set: { phase: "adjourned" }, venues: { b: open }, gone: ["a"] }))).toBe(true);
    const view = store.view.get()!;
    expect(view.phase).toBe("adjourned");
    expect(view.venues).toEqual(new Map([["b", open]]));
    expect(view.seq).toBe(6);
  });

  it("asks for a snapshot when a delta is missing, and keeps what it has", () => {
    const store = setUp();
    expect(store.delta(delta(6, { set: { phase: "closed" } }))).toBe(false);
    expect(store.view.get()!.phase).toBe("in_session");
  });

  it("ignores deltas that the snapshot already contains", () => {
    const store = setUp();
    expect(store.delta(delta(3, { set: { phase: "closed" } }))).toBe(true);
    expect(store.view.get()!.phase).toBe("in_session");
  });

  it("puts a venue that comes later into its place", () => {
    const store = setUp();
    store.delta(delta(5, { venues: { c: venue("c", { order: 1.5 }) } }));
    expect([...store.view.get()!.venues.keys()]).toEqual(["a", "c", "b"]);
  });

  it("changes its shape when venues come, go or move, not when they change state", () => {
    const store = setUp();
    const shape = () => store.view.get()!.shape;
    const first = shape();
    store.delta(delta(5, { venues: { a: venue("a", { order: 1, connection: "lost" }) } }));
    expect(shape()).toBe(first);
    store.delta(delta(6, { venues: { a: venue("a", { order: 3 }) } }));
    expect(shape()).toBeGreaterThan(first);
    const second = shape();
    store.delta(delta(7, { gone: ["a"] }));
    expect(shape()).toBeGreaterThan(second);
  });

  it("draws a hundred deltas once", () => {
    const pending: (() => void)[] = [];
    const store = setUp((run) => pending.push(run));
    let drawn = 0;
    store.view.subscribe(() => (drawn += 1));
    drawn = 0;
    for (let seq = 5; seq < 105; seq += 1) store.delta(delta(seq, { venues: { a: venue("a") } }));
    expect(pending).toHaveLength(1);
    pending[0]!();
    expect(drawn).toBe(1);
    expect(store.view.get()!.seq).toBe(105);
    store.delta(delta(105));
    store.flush();
    expect(store.view.get()!.seq).toBe(106);
    pending[1]!();
    expect(drawn).toBe(2);
  });
});
