import { describe, expect, it } from "vitest";
import { PictureWatch, sample, type PictureState } from "./picture";
import { barOf, levelOf, SoundWatch, TEST_TONE, toneShare, ToneWatch } from "./sound";

/** A picture of equal brightness with noise, `n` telling frames apart. */
function frame(brightness: number, noise: number, n: number): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(64 * 36 * 4);
  for (let i = 0; i < rgba.length; i += 4) {
    const value = brightness + noise * Math.sin(i * 12.9898 + n * 78.233);
    rgba.set([value, value, value, 255], i);
  }
  return rgba;
}

function judge(frames: Uint8ClampedArray[]): PictureState {
  const watch = new PictureWatch();
  let state: PictureState = "looking";
  for (const f of frames) state = watch.next(sample(f));
  return state;
}

const ten = (make: (n: number) => Uint8ClampedArray) => Array.from({ length: 10 }, (_, n) => make(n));

describe("camera check", () => {
  it("is content with a lit room", () => expect(judge(ten((n) => frame(120, 30, n)))).toBe("good"));
  it("sees a lens cap", () => expect(judge(ten((n) => frame(4, 1, n)))).toBe("black"));
  it("sees a dark room", () => expect(judge(ten((n) => frame(30, 12, n)))).toBe("dark"));
  it("sees a picture that stands still", () => expect(judge(ten(() => frame(120, 30, 1)))).toBe("frozen"));
  it("does not call one repeated frame frozen", () =>
    expect(judge([...ten((n) => frame(120, 30, n)), frame(120, 30, 9)])).toBe("good"));
});

const RATE = 48_000;

function tone(frequency: number, amplitude: number): Float32Array {
  return Float32Array.from({ length: 2048 }, (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / RATE));
}

describe("microphone check", () => {
  it("measures levels in dBFS", () => {
    expect(levelOf(tone(1000, 1))).toBeCloseTo(-3, 0);
    expect(levelOf(new Float32Array(2048))).toBe(-100);
    expect([barOf(-100), barOf(-30), barOf(0)]).toEqual([0, 0.5, 1]);
  });

  it("hears a voice at once, and complains of silence only after a while", () => {
    const watch = new SoundWatch();
    expect(watch.next(-90)).toBe("listening");
    expect(watch.next(-30)).toBe("good");
    const quiet = new SoundWatch();
    let state = "";
    for (let i = 0; i < 60; i += 1) state = quiet.next(-90);
    expect(state).toBe("silent");
    expect(quiet.next(-1)).toBe("loud");
  });
});

describe("loudspeaker check", () => {
  it("knows the test tone from other sounds", () => {
    expect(toneShare(tone(TEST_TONE.frequency, 0.1), RATE, TEST_TONE.frequency)).toBeGreaterThan(0.9);
    expect(toneShare(tone(440, 0.5), RATE, TEST_TONE.frequency)).toBeLessThan(0.05);
    expect(toneShare(new Float32Array(2048), RATE, TEST_TONE.frequency)).toBe(0);
  });

  it("believes a tone that lasts", () => {
    const watch = new ToneWatch();
    expect([0.9, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9].map((share) => watch.next(share, -30))).toEqual([
      false, false, false, false, false, false, true,
    ]);
  });
});
