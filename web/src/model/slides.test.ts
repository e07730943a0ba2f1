import { describe, expect, it } from "vitest";
import type { Slides } from "../protocol/wire";
import { fromWire } from "./conference";
import { pageAt, SlideFeed, slidesOf, slidesOnAir, type Screen } from "./slides";
import { ManualTimers, settled, venue, wireView } from "./testing";

const slides = (page: number, change: Partial<Slides> = {}): Slides => ({ day: "2023-03-01", language: "zh", pages: ["summary", "growth", "map"], page, ...change });

class FakeScreen implements Screen<string> {
  readonly stream = { fake: true } as unknown as MediaStream;
  readonly drawn: string[] = [];
  stopped = false;
  draw(picture: string): void {
    this.drawn.push(picture);
  }
  stop(): void {
    this.stopped = true;
  }
}

function feed(load: (page: number) => Promise<string> = async (page) => `page ${page}`) {
  const timers = new ManualTimers();
  const screens: FakeScreen[] = [];
  const asked: number[] = [];
  const made = new SlideFeed<string>({
    load: (page) => {
      asked.push(page);
      return load(page);
    },
    open: () => {
      screens.push(new FakeScreen());
      return screens[screens.length - 1] as FakeScreen;
    },
    timers,
    random: () => 0,
  });
  return { made, timers, screens, asked };
}

describe("who sends slides", () => {
  const main = venue("a", { kind: "main" });
  const view = (change = {}) => fromWire(1, wireView([main, venue("b")], { slides: slides(2), ...change }));

  it("is the main venue alone", () => {
    expect(slidesOf(view(), "a")).toEqual(slides(2));
    expect(slidesOf(view(), "b")).toBeNull();
    expect(slidesOf(null, "a")).toBeNull();
  });

  it("and they are on air in the content slot", () => {
    const program = { main: "b", second: null, content: "a" };
    expect(slidesOnAir(view({ program }))).toBe(true);
    expect(slidesOnAir(view())).toBe(false);
    expect(slidesOnAir(view({ program, slides: null }))).toBe(false);
  });

  it("turns no page beyond the ends", () => {
    expect(pageAt(slides(1), -1)).toBeNull();
    expect(pageAt(slides(1), 1)).toBe(2);
    expect(pageAt(slides(3), 1)).toBeNull();
  });
});

describe("the feed of slides", () => {
  it("draws the page, again and again, and has the next one ready", async () => {
    const { made, timers, screens, asked } = feed();
    made.show(slides(1));
    expect(made.stream.get()).toBeNull();
    await settled();
    expect(made.stream.get()).toBe(screens[0]?.stream);
    timers.advance(400);
    expect(screens[0]?.drawn).toEqual(["page 1", "page 1", "page 1"]);
    made.show(slides(2));
    await settled();
    expect(screens[0]?.drawn.at(-1)).toBe("page 2");
    expect(asked).toEqual([1, 2, 3]);
    expect(screens.length).toBe(1);
  });

  it("is told the same often and does nothing", async () => {
    const { made, asked } = feed();
    for (let i = 0; i < 3; i += 1) made.show(slides(3));
    await settled();
    expect(asked).toEqual([3]);
  });

  it("keeps the picture before until the next one comes, and asks again", async () => {
    let broken = false;
    const { made, timers, screens, asked } = feed(async (page) => {
      if (broken) throw new Error("no network");
      return `page ${page}`;
    });
    made.show(slides(1, { pages: ["summary"] }));
    await settled();
    broken = true;
    made.show(slides(2));
    await settled();
    timers.advance(200);
    expect(screens[0]?.drawn.at(-1)).toBe("page 1");
    broken = false;
    timers.advance(4000);
    await settled();
    expect(screens[0]?.drawn.at(-1)).toBe("page 2");
    expect(asked.filter((page) => page === 2).length).toBeGreaterThan(1);
  });

  it("does not draw a page that came too late", async () => {
    const waiting: ((picture: string) => void)[] = [];
    const { made, screens } = feed((page) => (page === 1 ? new Promise((done) => waiting.push(done)) : Promise.resolve(`page ${page}`)));
    made.show(slides(1));
    made.show(slides(3));
    await settled();
    waiting.forEach((done) => done("page 1"));
    await settled();
    expect(screens[0]?.drawn).toEqual(["page 3"]);
  });

  it("ends when they are hidden, and begins anew", async () => {
    const { made, screens, timers } = feed();
    made.show(slides(3));
    await settled();
    made.show(null);
    expect(screens[0]?.stopped).toBe(true);
    expect(made.stream.get()).toBeNull();
    timers.advance(1000);
    expect(screens[0]?.drawn.length).toBe(1);
    made.show(slides(3));
    await settled();
    expect(screens.length).toBe(2);
  });
});
