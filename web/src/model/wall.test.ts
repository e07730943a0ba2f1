import { describe, expect, it } from "vitest";
import { venue } from "./testing";
import { capacity, fit, hasPicture, NAME_HEIGHT, pages, Polling, sizeFor } from "./wall";

describe("wall", () => {
  it("makes the pictures as large as they can be", () => {
    expect(fit(9, 1920, 1080)).toMatchObject({ columns: 3, rows: 3 });
    expect(fit(1, 1920, 1080)).toMatchObject({ columns: 1, rows: 1 });
    expect(fit(2, 1080, 1920)).toMatchObject({ columns: 1, rows: 2 });
  });

  it.each([1, 2, 5, 12, 36])("never leaves the screen with %i", (count) => {
    for (const [width, height] of [[1920, 1080], [1366, 768], [3840, 1080], [1080, 1920]] as const) {
      const grid = fit(count, width, height);
      expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
      expect(grid.columns * grid.width).toBeLessThanOrEqual(width + 0.01);
      expect(grid.rows * grid.height).toBeLessThanOrEqual(height + 0.01);
      expect(grid.height - NAME_HEIGHT).toBeCloseTo(grid.width / (16 / 9), 5);
    }
  });

  it("takes as many as are still large enough, up to a limit", () => {
    const most = capacity(1920, 1080, 300, 36);
    expect(fit(most, 1920, 1080).width).toBeGreaterThanOrEqual(300);
    expect(fit(most + 1, 1920, 1080).width).toBeLessThan(300);
    expect(capacity(100_000, 100_000, 300, 36)).toBe(36);
    expect(capacity(0, 0, 300, 36)).toBe(1);
  });

  it("fills its pages in order, each venue once", () => {
    const items = Array.from({ length: 52 }, (_, i) => i);
    const all = pages(items, 24);
    expect(all.map((p) => p.length)).toEqual([24, 24, 4]);
    expect(all.flat()).toEqual(items);
    expect(pages([], 24)).toEqual([[]]);
  });

  it("turns by itself, stops when held, and survives a lost page", () => {
    const polling = new Polling();
    expect([polling.tick(3), polling.tick(3), polling.tick(3)]).toEqual([1, 2, 0]);
    polling.hold(true);
    expect(polling.tick(3)).toBe(0);
    expect(polling.turn(-1, 3)).toBe(2);
    expect(polling.tick(2)).toBe(0);
  });

  it("asks for the size that it shows", () => {
    expect([sizeFor(320), sizeFor(640), sizeFor(1200)]).toEqual(["low", "mid", "high"]);
  });

  it("expects pictures of attached venues with a camera", () => {
    expect(hasPicture(venue("a"))).toBe(true);
    expect(hasPicture(venue("a", { connection: "lost" }))).toBe(false);
    expect(hasPicture(venue("a", { camera: "denied" }))).toBe(false);
  });
});
