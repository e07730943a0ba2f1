/** Level of a block of samples (-1..1) in dBFS: 0 is full scale, -100 the floor. */
export function levelOf(samples: Float32Array): number {
  let squares = 0;
  for (const s of samples) squares += s * s;
  const rms = samples.length === 0 ? 0 : Math.sqrt(squares / samples.length);
  return rms <= 1e-5 ? -100 : 20 * Math.log10(rms);
}

/** 0..1 for a bar: -60 dBFS and below is empty, 0 dBFS full. */
export function barOf(level: number): number {
  return Math.min(1, Math.max(0, (level + 60) / 60));
}

/**
 * Share of a block's energy at one frequency, 0..1 (Goertzel's filter). `rate` and `frequency`
 * in Hz.
 */
export function toneShare(samples: Float32Array, rate: number, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  let before = 0;
  let last = 0;
  let energy = 0;
  for (const s of samples) {
    const next = s + coefficient * last - before;
    before = last;
    last = next;
    energy += s * s;
  }
  if (energy === 0) return 0;
  const power = last * last + before * before - coefficient * last * before;
  return Math.min(1, (2 * power) / (samples.length * energy));
}

export type SoundState = "listening" | "silent" | "quiet" | "good" | "loud";

const SILENT = -65;
const QUIET = -45;
const CLIPPING = -3;
const PATIENCE = 50;

/** Judges a microphone from blocks, ten a second: good once a voice was heard. */
export class SoundWatch {
  #peak = -100;
  #blocks = 0;

  next(level: number): SoundState {
    this.#blocks += 1;
    this.#peak = Math.max(level, this.#peak - 0.3); // forgets 3 dB a second
    if (this.#peak > CLIPPING) return "loud";
    if (this.#peak > QUIET) return "good";
    if (this.#blocks < PATIENCE) return "listening";
    return this.#peak > SILENT ? "quiet" : "silent";
  }
}

/** The loudspeaker's test tone: Hz and seconds. High enough for small loudspeakers. */
export const TEST_TONE = { frequency: 880, seconds: 2.5 } as const;

/** A tone is "heard by the microphone" when this many blocks in a row are mostly that tone. */
export class ToneWatch {
  #run = 0;

  next(share: number, level: number): boolean {
    this.#run = share > 0.3 && level > SILENT ? this.#run + 1 : 0;
    return this.#run >= 4;
  }
}
