import { describe, expect, it } from "vitest";
import type { Recording } from "../protocol/wire";
import { airedAt, besideAt, filmOf, momentAt, placeAt, screenOf, secondsAt, steering } from "./playback";

const file = (id: string, track: Recording["track"], began: string, seconds: number | null): Recording => ({
  id, track, began: `2023-03-01T${began}Z`, seconds, bytes: 9,
});
const FILM = filmOf([
  file("a", "main", "01:30:00.500", 60),
  file("b", "content", "01:30:10.000", 30),
  file("c", "second", "01:30:20.000", 5),
  file("d", "sound", "01:31:00.500", 30),
  file("e", "main", "03:00:00.000", 100),
  file("f", "content", "03:00:00.000", null),
]);
const moment = (time: string) => Date.parse(`2023-03-01T${time}Z`);

describe("playback", () => {
  it("puts the files with the mix one after the other", () => {
    expect(FILM.stretches.map((s) => [s.footage.id, s.start])).toEqual([["a", 0], ["d", 60], ["e", 90]]);
    expect(FILM.seconds).toBe(190);
    expect(filmOf([]).seconds).toBe(0);
    expect(placeAt(filmOf([]), 3)).toBeNull();
  });

  it("finds the file of a place, and the place and moment of each other", () => {
    const at = (seconds: number) => {
      const place = placeAt(FILM, seconds);
      return [place?.stretch.footage.id, place?.seconds];
    };
    expect([at(-1), at(59), at(60), at(100), at(999)]).toEqual([["a", 0], ["a", 59], ["d", 0], ["e", 10], ["e", 100]]);
    expect(momentAt(FILM, 100)).toBe(moment("03:00:10"));
    expect(secondsAt(FILM, "2023-03-01T03:00:10Z")).toBe(100);
    expect(secondsAt(FILM, "2023-03-01T02:00:00Z")).toBeNull();
  });

  it("knows what was shown beside, by the same clock", () => {
    expect(besideAt(FILM, "content", moment("01:30:15.250"))).toMatchObject({ footage: { id: "b" }, seconds: 5.25 });
    expect(besideAt(FILM, "second", moment("01:30:15.250"))).toBeNull();
    expect(besideAt(FILM, "second", moment("01:30:20"))?.seconds).toBe(0);
    expect(besideAt(FILM, "content", moment("01:30:40"))).toBeNull();
  });

  it("knows who was in which slot", () => {
    const span = (slot: string, venue: string, began: string, ended: string | null) => ({
      slot, venue, began: `2023-03-01T${began}Z`, ended: ended === null ? null : `2023-03-01T${ended}Z`,
    });
    const aired = [span("main", "beijing", "01:30:00", "01:31:00"), span("content", "beijing", "01:30:10", null), span("main", "henan", "01:31:00", null)];
    const record = { aired } as unknown as Parameters<typeof airedAt>[0];
    expect(airedAt(record, moment("01:30:05"))).toEqual({ main: "beijing", second: null, content: null });
    expect(airedAt(record, moment("01:31:00"))).toEqual({ main: "henan", second: null, content: "beijing" });
  });

  it("lays the pictures out", () => {
    const screen = (main: boolean, second: boolean, content: boolean) => screenOf({ main, second, content }, "speaker");
    expect([screen(false, false, false), screen(true, false, false), screen(true, true, false)]).toEqual(["empty", "one", "pair"]);
    expect([screen(false, false, true), screen(true, false, true), screen(true, true, true)]).toEqual(["one", "speaker-one", "speaker-pair"]);
  });

  it("keeps a picture in time: near it hurries or waits, far off it is set anew", () => {
    expect(steering(10, 10.01, true, 1, 0)).toEqual({ kind: "rate", rate: 1 });
    expect(steering(10, 9.9, true, 1, 0)).toEqual({ kind: "rate", rate: expect.closeTo(1.1) });
    expect(steering(10, 10.2, true, 2, 0)).toEqual({ kind: "rate", rate: expect.closeTo(1.7) });
    expect(steering(10, 4, true, 2, 0.25)).toEqual({ kind: "seek", to: 10.5 });
    expect(steering(10, 10.1, false, 1, 0.25)).toEqual({ kind: "seek", to: 10 });
    expect(steering(10, 10, false, 1, 0)).toEqual({ kind: "rate", rate: 1 });
  });
});
