import { describe, expect, it } from "vitest";
import { itemState, itemTime, since, until } from "./agenda";
import { bitrate, duration, longDuration, percent } from "./format";
import { ManualTimers } from "./testing";
import { Backoff, ServerClock } from "./time";

const NOW = Date.parse("2023-03-01T01:12:30Z");
const ITEM = {
  id: "i",
  kind: "speech" as const,
  title: { zh: "", en: "" },
  planned: 900,
  speaker: null,
  started_at: "2023-03-01T01:00:00Z",
  finished_at: null,
  points: [],
};

describe("clocks", () => {
  it("counts by the server's clock, however wrong this machine's is", () => {
    const timers = new ManualTimers();
    const clock = new ServerClock(timers);
    clock.observe("2023-03-01T01:00:00Z");
    timers.advance(90_000);
    expect(new Date(clock.at(timers.now())).toISOString()).toBe("2023-03-01T01:01:30.000Z");
  });

  it("ignores a time that is none", () => {
    const clock = new ServerClock(new ManualTimers());
    clock.observe("soon");
    expect(clock.at(5)).toBe(5);
  });

  it("times an item while it runs, after it and before it", () => {
    expect(itemTime(ITEM, NOW)).toEqual({ elapsed: 750, left: 150 });
    expect(itemTime(ITEM, NOW + 300_000).left).toBe(-150);
    expect(itemTime({ ...ITEM, finished_at: "2023-03-01T01:10:00Z" }, NOW).elapsed).toBe(600);
    expect(itemTime({ ...ITEM, started_at: null }, NOW)).toEqual({ elapsed: 0, left: 900 });
    expect(itemState({ ...ITEM, finished_at: ITEM.started_at })).toBe("done");
  });

  it("never counts below zero since, but does until", () => {
    expect(since("2023-03-01T02:00:00Z", NOW)).toBe(0);
    expect(since(null, NOW)).toBe(0);
    expect(until("2023-03-01T01:12:00Z", NOW)).toBe(-30);
  });
});

describe("back-off", () => {
  it("doubles up to its limit, with jitter of a half", () => {
    const waits = (random: number) => {
      const backoff = new Backoff(500, 4000, () => random);
      return Array.from({ length: 5 }, () => backoff.next());
    };
    expect(waits(1)).toEqual([500, 1000, 2000, 4000, 4000]);
    expect(waits(0)).toEqual([250, 500, 1000, 2000, 2000]);
  });
});

describe("figures", () => {
  it("writes lengths, shares and rates", () => {
    expect([duration(59.9), duration(750), duration(4530), duration(-3)]).toEqual(["0:59", "12:30", "1:15:30", "0:00"]);
    expect(longDuration(4530)).toBe("01:15:30");
    expect([percent(0), percent(0.034), percent(0.12)]).toEqual(["0 %", "3.4 %", "12 %"]);
    expect([bitrate(1_840_000), bitrate(64_000)]).toEqual(["1.8 Mbit/s", "64 kbit/s"]);
  });
});
