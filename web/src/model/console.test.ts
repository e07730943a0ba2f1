import { describe, expect, it, vi } from "vitest";
import type { LogEntry } from "../protocol/wire";
import { fromWire } from "./conference";
import { Console, mayDo, maySteer, openBranchMicrophones, timelineOf, TreeKeeper } from "./console";
import { complaint, grade } from "./quality";
import { sceneOf, standingOf, takesMedia } from "./station";
import { FakeSocket, venue, wireView } from "./testing";
import { Api } from "./api";
import { troubleOf, troubles } from "./trouble";

const ONLINE = { kind: "online" } as const;

describe("console", () => {
  it("names how many microphones it will close, the main venue's not among them", () => {
    const open = { microphone: "open" } as const;
    const view = fromWire(1, wireView([venue("m", { kind: "main", ...open }), venue("a", open), venue("b")]));
    expect(openBranchMicrophones(view).map((v) => v.id)).toEqual(["a"]);
  });

  it("offers steering to chair and operator, preparation to the office", () => {
    expect(["chair", "operator", "office", "observer", undefined].map(maySteer)).toEqual([true, true, false, false, false]);
    expect(mayDo("office", "open_conference")).toBe(true);
    expect(mayDo("office", "start_session")).toBe(false);
    expect(mayDo("observer", "open_conference")).toBe(false);
  });

  it("keeps its tree while only states change", () => {
    const keeper = new TreeKeeper();
    const view = fromWire(1, wireView([venue("a")]));
    expect(keeper.of({ ...view })).toBe(keeper.of({ ...view, seq: 2 }));
    expect(keeper.of({ ...view, shape: view.shape + 1 })).not.toBe(keeper.of({ ...view }));
  });

  it("tells one venue's part of the log, newest first", () => {
    const by = { role: "operator", id: "x" };
    const entry = (seq: number, event: LogEntry["event"]): LogEntry => ({ seq, at: `${seq}`, by, event });
    const program = (main: string | null) => ({ main, second: null, content: null });
    const told = timelineOf(
      [
        entry(1, { type: "floor_requested", venue: "a" }),
        entry(2, { type: "floor_requested", venue: "b" }),
        entry(3, { type: "program_changed", program: program("a") }),
        entry(4, { type: "program_changed", program: program("a") }),
        entry(5, { type: "program_changed", program: program("b") }),
      ],
      "a",
    );
    expect(told.map((h) => `${h.at} ${h.kind}`)).toEqual(["5 off_air", "3 on_air", "1 event"]);
  });
});

describe("trouble", () => {
  it.each([
    [{}, null],
    [{ connection: "lost", reason: "network" }, "reason_network"],
    [{ connection: "lost", reason: "never heard of" }, "reason_unknown"],
    [{ connection: "absent" }, "trouble_absent"],
    [{ connection: "degraded", reason: "slow" }, "reason_slow"],
    [{ camera: "denied" }, "trouble_camera_denied"],
    [{ microphone_device: "failed" }, "trouble_microphone_failed"],
    [{ blind: ["main"] }, "trouble_blind"],
  ] as const)("%o is %s", (change, key) => {
    expect(troubleOf(venue("a", change as object), "in_session")?.key ?? null).toBe(key);
  });

  it("does not miss anyone before the session", () => {
    expect(troubleOf(venue("a", { connection: "absent" }), "open")).toBeNull();
  });

  it("puts faults before warnings, each in protocol order", () => {
    const view = fromWire(
      1,
      wireView([
        venue("late", { order: 1, connection: "absent" }),
        venue("dead", { order: 3, connection: "lost" }),
        venue("blind", { order: 2, camera: "missing" }),
      ]),
    );
    expect(troubles(view).map((t) => t.venue.id)).toEqual(["blind", "dead", "late"]);
  });

  it("grades connections as people feel them", () => {
    const q = { loss: 0, rtt: 0.05, bitrate: 1e6 };
    expect(grade(q)).toBe("good");
    expect(grade({ ...q, loss: 0.05 })).toBe("fair");
    expect(grade({ ...q, loss: 0.2 })).toBe("poor");
    expect(grade({ ...q, rtt: null })).toBe("good");
    expect(grade(null)).toBe("unknown");
    expect(complaint({ ...q, loss: 0.05, rtt: 0.9 })).toBe("5.0 %");
    expect(complaint({ ...q, rtt: 0.85 })).toBe("850 ms");
  });
});

describe("station", () => {
  const at = (phase: "scheduled" | "open" | "rehearsal" | "in_session" | "adjourned" | "closed", main: string | null = null) =>
    fromWire(1, wireView([venue("a")], { phase, program: { main, second: null, content: null } }));

  it.each([
    ["scheduled", null, "waiting"],
    ["open", "m", "waiting"],
    ["rehearsal", null, "waiting"],
    ["rehearsal", "m", "program"],
    ["in_session", null, "program"],
    ["adjourned", "m", "adjourned"],
    ["closed", null, "closed"],
  ] as const)("in %s with %s on air shows %s", (phase, main, scene) => {
    expect(sceneOf(at(phase, main), ONLINE).kind).toBe(scene);
  });

  it("shows an ending before anything else, and waits for the first view", () => {
    expect(sceneOf(at("in_session"), { kind: "ended", why: "superseded", error: null })).toEqual({ kind: "ended", why: "superseded" });
    expect(sceneOf(null, ONLINE).kind).toBe("entering");
  });

  it("keeps its media through an adjournment", () => {
    expect((["scheduled", "open", "adjourned", "closed"] as const).map((p) => takesMedia(at(p)))).toEqual([false, true, true, false]);
  });

  it("knows where it stands", () => {
    const view = fromWire(1, wireView([venue("a", { floor: 2 })], { program: { main: null, second: "a", content: null } }));
    expect(standingOf(view, "a")).toMatchObject({ onAir: true, hasFloor: false, place: 2 });
    expect(standingOf(null, "a")).toMatchObject({ venue: null, onAir: false });
  });
});

describe("preview", () => {
  const program = (main: string | null, second: string | null = null, content: string | null = null) => ({ main, second, content });

  it("builds on what was asked for a moment ago, and takes nobody who has no picture", async () => {
    const socket = new FakeSocket();
    vi.stubGlobal("WebSocket", class { constructor() { return socket; } });
    vi.stubGlobal("location", { protocol: "http:", host: "x" });
    const desk = new Console("c1", new Api());
    desk.start();
    const joined = { stage: "joined", purpose: "dialled_in", since: "", number: null, reason: null, noisy: false } as const;
    const onTelephone = venue("telephone", { connection: "absent", call: joined });
    const view = wireView([venue("m", { kind: "main" }), venue("a"), venue("b"), onTelephone], { phase: "scheduled" });
    socket.onopen?.();
    socket.says({ type: "snapshot", seq: 1, view, you: { role: "operator", venue: null }, now: "" });
    desk.previewVenue("telephone");
    desk.putOnAir("telephone");
    desk.previewVenue("a");
    desk.layout("pair");
    desk.previewVenue("b");
    desk.toggleContent();
    const asked = socket.sent.filter((m) => m["type"] === "command").map((m) => (m["command"] as { program: unknown }).program);
    expect(asked).toEqual([program("a"), program("a", "b"), program("a", "b", "m")]);
    desk.stop();
    vi.unstubAllGlobals();
  });
});
