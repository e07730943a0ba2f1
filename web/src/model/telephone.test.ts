import { describe, expect, it } from "vitest";
import type { Call, CallEnd, Trunk } from "../protocol/wire";
import { fromWire } from "./conference";
import { spaced } from "./format";
import { translator } from "./i18n";
import {
  callOf,
  callWords,
  dialable,
  failed,
  guests,
  lines,
  onTelephone,
  soundOnly,
  standingStage,
  unconnected,
} from "./telephone";
import { venue, wireView } from "./testing";
import { flatten, buildTree, isPresent } from "./tree";
import { troubleOf } from "./trouble";

const zh = translator("zh");
const en = translator("en");

function call(stage: Call["stage"], change: Partial<Call> = {}): Call {
  return { stage, purpose: "called", since: "2023-03-01T01:00:00Z", number: null, reason: null, noisy: false, ...change };
}

describe("a call in words", () => {
  it("says how far it has come, and what became of the number before", () => {
    expect(callWords(call("ringing"), en)).toBe("Ringing");
    expect(callWords(call("dialling", { reason: "busy" }), en)).toBe("Dialling; before: busy");
    expect(callWords(call("asked"), zh)).toBe("已接听，等待按 1 入会");
  });

  it("says why it ended", () => {
    expect(callWords(call("ended", { reason: "wrong_number" }), en)).toBe("Call ended: wrong number");
    expect(callWords(call("ended", { reason: "no_answer" }), zh)).toBe("通话结束：无人接听");
  });

  it("is read from the log as well", () => {
    const progressed = { type: "call_progressed", venue: "a", stage: "ringing", setback: "busy" };
    expect(callWords(callOf(progressed), en)).toBe("Ringing; before: busy");
    const ended = { type: "call_ended", venue: "a", reason: "machine" };
    expect(callWords(callOf(ended), en)).toBe("Call ended: answered, but nobody pressed 1");
  });

  it("fails only where nobody wished its end", () => {
    const ends: [CallEnd, boolean][] = [
      ["busy", true],
      ["trunk_down", true],
      ["not_configured", true],
      ["server", true],
      ["released", false],
      ["video_back", false],
      ["hung_up", false],
    ];
    for (const [reason, expected] of ends) expect(failed(call("ended", { reason })), reason).toBe(expected);
    expect(failed(call("ringing", { reason: "busy" }))).toBe(false);
    expect(failed(null)).toBe(false);
  });

  it("stands from dialling to joined", () => {
    expect(standingStage(call("joined"))).toBe("joined");
    expect(standingStage(call("ended"))).toBeNull();
    expect(standingStage(undefined)).toBeNull();
  });
});

describe("who is called", () => {
  const numbered = { telephones: ["8001"], connection: "absent" as const };
  const view = fromWire(
    1,
    wireView([
      venue("here", { telephones: ["8001"] }),
      venue("away", numbered),
      venue("lost", { ...numbered, connection: "lost" }),
      venue("ringing", { ...numbered, call: call("ringing") }),
      venue("joined", { ...numbered, call: call("joined") }),
      venue("busy", { ...numbered, call: call("ended", { reason: "busy" }) }),
      venue("excused", { ...numbered, excused: true }),
      venue("numberless", { connection: "absent" }),
      venue("guest", { ...numbered, kind: "guest", organisation: null, call: call("ended") }),
    ]),
  );

  it("are those that are neither here nor on a call, and have a number", () => {
    const { callable, numberless } = unconnected(view);
    expect(callable.map((v) => v.id).sort()).toEqual(["away", "busy", "lost"]);
    expect(numberless).toBe(1);
  });

  it("guests are listed apart, last", () => {
    expect(guests(view).map((v) => v.id)).toEqual(["guest"]);
    const tree = buildTree([], view.venues.values());
    const rows = flatten(tree, view, { search: "", filter: "all", collapsed: new Set() });
    expect(rows.at(-1)).toMatchObject({ kind: "venue", id: "guest" });
  });
});

describe("a venue on the telephone", () => {
  it("is here, and its lost video is a warning and no fault", () => {
    const fallen = venue("a", { connection: "lost", reason: "network", call: call("joined", { purpose: "fallback" }) });
    expect(onTelephone(fallen)).toBe(true);
    expect(isPresent(fallen)).toBe(true);
    expect(troubleOf(fallen, "in_session")).toEqual({ severity: "warning", key: "trouble_on_telephone" });
    const ringing = { ...fallen, call: call("ringing", { purpose: "fallback" }) };
    expect(isPresent(ringing)).toBe(false);
    expect(troubleOf(ringing, "in_session")?.severity).toBe("fault");
  });

  it("is in no trouble when it has no station at all", () => {
    const phone = venue("a", { connection: "absent", call: call("joined", { purpose: "dialled_in" }) });
    expect(troubleOf(phone, "in_session")).toBeNull();
    expect(troubleOf(venue("a", { connection: "absent" }), "in_session")).not.toBeNull();
    const guest = venue("g", { connection: "absent", kind: "guest", call: call("ended", { reason: "busy" }) });
    expect(troubleOf(guest, "in_session")).toBeNull();
  });

  it("has no picture, unless its station is here as well", () => {
    const joined = call("joined");
    const absent = venue("a", { connection: "absent", call: joined });
    expect(soundOnly(absent)).toBe(true);
    expect(soundOnly(venue("a", { connection: "lost", call: joined }))).toBe(true);
    expect(soundOnly(venue("a", { connection: "degraded", call: joined }))).toBe(false);
    expect(soundOnly(venue("a", { connection: "absent", call: call("ringing") }))).toBe(false);
  });

  it("is in trouble when it is noisy", () => {
    const noisy = venue("a", { call: call("joined", { noisy: true }) });
    expect(troubleOf(noisy, "in_session")).toEqual({ severity: "warning", key: "trouble_noisy" });
  });
});

describe("numbers", () => {
  it("are dialled as people type them", () => {
    expect(dialable("+86 571-8770 5000")).toBe("+8657187705000");
    expect(dialable("（0571）8770 5001")).toBe("057187705001");
    expect(dialable("８００１")).toBe("8001");
  });

  it("that are none are refused", () => {
    for (const text of ["", "1", "12a4", "+", "++123", "sip:8001@x", "1".repeat(21)])
      expect(dialable(text), text).toBeNull();
  });

  it("PINs are shown in two groups", () => {
    expect(spaced("12345678")).toBe("1234 5678");
  });
});

describe("the lines", () => {
  const trunk = (condition: "registered" | "refused") => ({ name: condition, condition, since: null });
  it("are none, good, some or down", () => {
    const of = (number: string | null, ...trunks: Trunk[]) => lines({ number, trunks, pin_lock: null });
    expect(of(null)).toBe("none");
    expect(of("1")).toBe("good");
    expect(of("1", trunk("registered"))).toBe("good");
    expect(of("1", trunk("registered"), trunk("refused"))).toBe("some");
    expect(of(null, trunk("refused"))).toBe("down");
  });
});
