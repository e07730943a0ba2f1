import type { Size, Venue } from "../protocol/wire";

export interface Grid {
  columns: number;
  rows: number;
  /** Size of a picture in CSS pixels, name line included in the height. */
  width: number;
  height: number;
}

/** Height of the name below a picture. */
export const NAME_HEIGHT = 28;

/** The grid that makes `count` pictures of `ratio` (width / height) largest on the screen. */
export function fit(count: number, width: number, height: number, ratio = 16 / 9): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const picture = Math.min(width / columns, (height / rows - NAME_HEIGHT) * ratio);
    const tile = { columns, rows, width: picture, height: picture / ratio + NAME_HEIGHT };
    if (picture > best.width) best = tile;
  }
  return best;
}

/** How many pictures a screen takes that are at least `minimum` pixels wide. */
export function capacity(width: number, height: number, minimum: number, limit: number): number {
  let count = 1;
  while (count < limit && fit(count + 1, width, height).width >= minimum) count += 1;
  return count;
}

/** Splits into full pages, in order; only the last may have fewer. */
export function pages<T>(items: readonly T[], most: number): T[][] {
  if (items.length === 0) return [[]];
  const size = Math.max(1, most);
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** The simulcast layer that is enough for a picture of that width in device pixels. */
export function sizeFor(width: number): Size {
  if (width <= 400) return "low";
  return width <= 800 ? "mid" : "high";
}

/** A venue sends pictures only while it is attached. */
export function hasPicture(venue: Venue): boolean {
  const attached = venue.connection === "connected" || venue.connection === "degraded";
  return attached && (venue.camera === "working" || venue.camera === "unknown");
}

/** Which page is shown: steps by itself, may be held and turned by hand. */
export class Polling {
  #page = 0;
  #held = false;

  get page(): number {
    return this.#page;
  }

  get held(): boolean {
    return this.#held;
  }

  hold(held: boolean): void {
    this.#held = held;
  }

  /** Called by a timer. */
  tick(count: number): number {
    if (!this.#held) this.turn(1, count);
    return this.clamp(count);
  }

  turn(by: number, count: number): number {
    this.#page = count <= 0 ? 0 : (((this.#page + by) % count) + count) % count;
    return this.#page;
  }

  /** Fewer venues may leave fewer pages. */
  clamp(count: number): number {
    if (this.#page >= count) this.#page = 0;
    return this.#page;
  }
}
