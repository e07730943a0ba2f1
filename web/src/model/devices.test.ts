import { beforeEach, describe, expect, it, vi } from "vitest";
import { audioConstraints, LocalDevices, stateOf, type DeviceSource } from "./devices";
import { ManualTimers, settled } from "./testing";

class Track {
  onended: (() => void) | null = null;
  stopped = false;
  constructor(readonly kind: "audio" | "video") {}
  stop() {
    this.stopped = true;
  }
}

class Stream {
  constructor(readonly tracks: Track[]) {}
  getTracks = () => this.tracks;
  getVideoTracks = () => this.tracks.filter((t) => t.kind === "video");
  getAudioTracks = () => this.tracks.filter((t) => t.kind === "audio");
}

const NONE = { camera: null, microphone: null, rawSound: false };

describe("local devices", () => {
  let broken: Partial<Record<"video" | "audio", string>>;
  let opened: number;
  let plugged: () => void;
  const timers = new ManualTimers();
  const source: DeviceSource = {
    async getUserMedia(constraints) {
      opened += 1;
      const kinds = (["video", "audio"] as const).filter((kind) => constraints[kind]);
      for (const kind of kinds) if (broken[kind] !== undefined) throw Object.assign(new Error(), { name: broken[kind] });
      return new Stream(kinds.map((kind) => new Track(kind))) as unknown as MediaStream;
    },
    enumerateDevices: async () => [],
    addEventListener: (_type, listener) => (plugged = listener),
    removeEventListener: () => undefined,
  };

  beforeEach(() => {
    broken = {};
    opened = 0;
    vi.stubGlobal("MediaStream", Stream);
  });

  it("opens both", async () => {
    const devices = new LocalDevices(source, NONE, timers);
    await devices.start();
    expect(devices.devices.get()).toMatchObject({ camera: "working", microphone: "working" });
  });

  it("keeps the microphone when the camera is missing", async () => {
    broken = { video: "NotFoundError" };
    const devices = new LocalDevices(source, NONE, timers);
    await devices.start();
    expect(devices.devices.get()).toMatchObject({ camera: "missing", microphone: "working" });
    expect(devices.devices.get().stream?.getTracks()).toHaveLength(1);
  });

  it("takes up a device that is plugged in later", async () => {
    broken = { video: "NotFoundError" };
    const devices = new LocalDevices(source, NONE, timers);
    await devices.start();
    broken = {};
    plugged();
    await settled();
    expect(devices.devices.get().camera).toBe("working");
  });

  it("tries again by itself when a device is busy, not when it is refused", async () => {
    broken = { video: "NotReadableError" };
    const busy = new LocalDevices(source, NONE, timers);
    await busy.start();
    broken = {};
    timers.advance(2000);
    await settled();
    expect(busy.devices.get().camera).toBe("working");

    broken = { video: "NotAllowedError", audio: "NotAllowedError" };
    const refused = new LocalDevices(source, NONE, timers);
    await refused.start();
    opened = 0;
    timers.advance(60_000);
    expect(opened).toBe(0);
    expect(refused.devices.get()).toMatchObject({ camera: "denied", microphone: "denied", stream: null });
  });

  it("reopens a camera whose cable came loose", async () => {
    const devices = new LocalDevices(source, NONE, timers);
    await devices.start();
    const first = devices.devices.get().stream;
    (first?.getVideoTracks()[0] as unknown as Track).onended?.();
    await settled();
    expect(devices.devices.get().stream).not.toBe(first);
    expect(devices.devices.get().camera).toBe("working");
  });

  it("gives the devices back", async () => {
    const devices = new LocalDevices(source, NONE, timers);
    await devices.start();
    const tracks = devices.devices.get().stream?.getTracks() as unknown as Track[];
    devices.stop();
    expect(tracks.map((t) => t.stopped)).toEqual([true, true]);
  });

  it("says what is wrong", () => {
    const named = (name: string) => stateOf(Object.assign(new Error(), { name }));
    expect(["NotAllowedError", "NotFoundError", "NotReadableError", "X"].map(named)).toEqual(["denied", "missing", "failed", "failed"]);
  });

  it("takes a mixing desk's sound as it is", () => {
    expect(audioConstraints(null, true)).toMatchObject({ echoCancellation: false, noiseSuppression: false });
    expect(audioConstraints("d1", false)).toMatchObject({ echoCancellation: true, deviceId: { exact: "d1" } });
  });
});
