/** What is the matter with a camera's picture, judged from small samples of it. */
export type PictureState = "looking" | "good" | "black" | "dark" | "frozen";

export interface Sample {
  /** Mean brightness, 0..255, and its standard deviation. */
  mean: number;
  spread: number;
  luma: Uint8Array;
}

/** Below this mean nobody is recognised; below the lower one a lens cap is on. */
const BLACK = 14;
const DARK = 40;
/** A covered lens has no structure either. */
const FLAT = 3;
/** Frames that differ by less than this on the mean are the same: real sensors are noisy. */
const SAME = 0.02;
const FROZEN_AFTER = 6;

/** Brightness of RGBA pixels (Rec. 601 weights). */
export function sample(rgba: Uint8ClampedArray): Sample {
  const count = rgba.length >> 2;
  const luma = new Uint8Array(count);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i += 1) {
    const at = i * 4;
    const y = 0.299 * (rgba[at] ?? 0) + 0.587 * (rgba[at + 1] ?? 0) + 0.114 * (rgba[at + 2] ?? 0);
    luma[i] = y;
    sum += y;
    squares += y * y;
  }
  const mean = count === 0 ? 0 : sum / count;
  const variance = count === 0 ? 0 : squares / count - mean * mean;
  return { mean, spread: Math.sqrt(Math.max(0, variance)), luma };
}

/** Mean absolute difference of two samples, 0..255. */
export function difference(a: Sample, b: Sample): number {
  const count = Math.min(a.luma.length, b.luma.length);
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += Math.abs((a.luma[i] ?? 0) - (b.luma[i] ?? 0));
  return count === 0 ? 0 : sum / count;
}

/** Watches samples, about two a second. */
export class PictureWatch {
  #last: Sample | null = null;
  #same = 0;
  #seen = 0;

  next(current: Sample): PictureState {
    const last = this.#last;
    this.#last = current;
    this.#seen += 1;
    if (last !== null) this.#same = difference(last, current) < SAME ? this.#same + 1 : 0;
    if (current.mean < BLACK && current.spread < FLAT) return "black";
    if (this.#same >= FROZEN_AFTER) return "frozen";
    if (current.mean < DARK) return "dark";
    return this.#seen < 2 ? "looking" : "good";
  }
}
