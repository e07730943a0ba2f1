import type { DeviceState } from "../protocol/wire";
import { Cell, Cleanup, type Readable } from "./cell";
import { Backoff, systemTimers, type Timers } from "./time";

export interface Choice {
  id: string;
  label: string;
}

export interface Devices {
  stream: MediaStream | null;
  camera: DeviceState;
  microphone: DeviceState;
  cameras: Choice[];
  microphones: Choice[];
}

export interface Preferences {
  camera: string | null;
  microphone: string | null;
  /** The sound comes from a mixing desk: take it as it is. */
  rawSound: boolean;
}

/** The part of `navigator.mediaDevices` that is used. */
export interface DeviceSource {
  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>;
  enumerateDevices(): Promise<MediaDeviceInfo[]>;
  addEventListener(type: "devicechange", listener: () => void): void;
  removeEventListener(type: "devicechange", listener: () => void): void;
}

const NONE: Devices = {
  stream: null,
  camera: "unknown",
  microphone: "unknown",
  cameras: [],
  microphones: [],
};

/** What an exception of getUserMedia means for the device that was asked for. */
export function stateOf(error: unknown): DeviceState {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    default:
      return "failed";
  }
}

export function videoConstraints(id: string | null): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 25, max: 30 },
    ...(id === null ? {} : { deviceId: { exact: id } }),
  };
}

export function audioConstraints(id: string | null, raw: boolean): MediaTrackConstraints {
  return {
    channelCount: { ideal: 1 },
    echoCancellation: !raw,
    noiseSuppression: !raw,
    autoGainControl: !raw,
    ...(id === null ? {} : { deviceId: { exact: id } }),
  };
}

/**
 * Camera and microphone of this machine. Each may fail by itself; a device that ends or is
 * plugged in later is taken up again without anybody asking.
 */
export class LocalDevices {
  readonly #cell = new Cell<Devices>(NONE);
  readonly #cleanup = new Cleanup();
  readonly #backoff = new Backoff(1000, 10_000);
  readonly #timers: Timers;
  #preferences: Preferences;
  #round = 0;
  #cancelRetry: () => void = () => {};

  constructor(
    private readonly source: DeviceSource | undefined,
    preferences: Preferences,
    timers: Timers = systemTimers,
  ) {
    this.#preferences = preferences;
    this.#timers = timers;
  }

  get devices(): Readable<Devices> {
    return this.#cell;
  }

  get preferences(): Preferences {
    return this.#preferences;
  }

  async start(): Promise<void> {
    const changed = () => void this.#plugged();
    this.source?.addEventListener("devicechange", changed);
    this.#cleanup.add(() => this.source?.removeEventListener("devicechange", changed));
    await this.acquire();
  }

  stop(): void {
    this.#round += 1;
    this.#cancelRetry();
    this.#cleanup.run();
    for (const track of this.#cell.get().stream?.getTracks() ?? []) track.stop();
    this.#cell.set(NONE);
  }

  async choose(preferences: Preferences): Promise<void> {
    this.#preferences = preferences;
    await this.acquire();
  }

  /** Asks for both devices anew; what was there is given back first. */
  async acquire(): Promise<void> {
    const round = ++this.#round;
    this.#cancelRetry();
    for (const track of this.#cell.get().stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    const source = this.source;
    if (source === undefined) {
      // Browsers hide the devices from pages that did not come over HTTPS.
      this.#cell.set({ ...NONE, camera: "denied", microphone: "denied" });
      return;
    }
    const { camera, microphone, rawSound } = this.#preferences;
    const picture = videoConstraints(camera);
    const sound = audioConstraints(microphone, rawSound);
    const both = await open(source, { video: picture, audio: sound });
    let next: Pick<Devices, "stream" | "camera" | "microphone">;
    if (typeof both !== "string") next = { stream: both, camera: "working", microphone: "working" };
    else next = await this.#separately(source, picture, sound);
    const known = await source.enumerateDevices().catch(() => []);
    if (round !== this.#round) {
      for (const track of next.stream?.getTracks() ?? []) track.stop();
      return;
    }
    this.#watch(next.stream);
    this.#cell.set({
      ...next,
      cameras: choices(known, "videoinput"),
      microphones: choices(known, "audioinput"),
    });
    this.#retryFailed();
  }

  async #separately(
    source: DeviceSource,
    video: MediaTrackConstraints,
    audio: MediaTrackConstraints,
  ): Promise<Pick<Devices, "stream" | "camera" | "microphone">> {
    const picture = await open(source, { video });
    const sound = await open(source, { audio });
    const tracks = [picture, sound].flatMap((s) => (typeof s === "string" ? [] : s.getTracks()));
    return {
      stream: tracks.length === 0 ? null : new MediaStream(tracks),
      camera: typeof picture === "string" ? picture : "working",
      microphone: typeof sound === "string" ? sound : "working",
    };
  }

  #watch(stream: MediaStream | null): void {
    for (const track of stream?.getTracks() ?? []) {
      track.onended = () => {
        const now = this.#cell.get();
        if (now.stream !== stream) return;
        const kind = track.kind === "video" ? "camera" : "microphone";
        this.#cell.set({ ...now, [kind]: "failed" });
        void this.acquire();
      };
    }
  }

  /** A device that is busy or was unplugged may come back; a refusal needs a person. */
  #retryFailed(): void {
    const { camera, microphone } = this.#cell.get();
    if (camera !== "failed" && microphone !== "failed") return this.#backoff.reset();
    this.#cancelRetry = this.#timers.after(this.#backoff.next(), () => void this.acquire());
  }

  async #plugged(): Promise<void> {
    const { camera, microphone } = this.#cell.get();
    if (camera !== "working" || microphone !== "working") return this.acquire();
    const known = await this.source?.enumerateDevices().catch(() => []);
    this.#cell.update((now) => ({
      ...now,
      cameras: choices(known ?? [], "videoinput"),
      microphones: choices(known ?? [], "audioinput"),
    }));
  }
}

async function open(
  source: DeviceSource,
  constraints: MediaStreamConstraints,
): Promise<MediaStream | DeviceState> {
  try {
    return await source.getUserMedia(constraints);
  } catch (error) {
    return stateOf(error);
  }
}

function choices(known: readonly MediaDeviceInfo[], kind: MediaDeviceKind): Choice[] {
  return known
    .filter((d) => d.kind === kind && d.deviceId !== "")
    .map((d) => ({ id: d.deviceId, label: d.label }));
}
