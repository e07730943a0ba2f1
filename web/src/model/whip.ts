import type { Publish, Size } from "../protocol/wire";
import type { Readable } from "./cell";
import { MediaSession, type MediaOptions, type MediaState } from "./media";

const LAYERS: readonly Size[] = ["low", "mid", "high"];

/** The simulcast layers of a 720p camera, smallest first, as browsers want them. */
export const ENCODINGS: readonly RTCRtpEncodingParameters[] = [
  { rid: "low", scaleResolutionDownBy: 4, maxBitrate: 150_000, active: false },
  { rid: "mid", scaleResolutionDownBy: 2, maxBitrate: 600_000, active: false },
  { rid: "high", scaleResolutionDownBy: 1, maxBitrate: 2_000_000, active: false },
];

/** A shared screen: one layer, sharp rather than smooth. */
const SCREEN: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000, active: false }];

/** Which layers to send: what is asked for and everything smaller, for venues on thin lines. */
export function activeLayers(video: Publish["video"]): ReadonlySet<string> {
  return new Set(video === "off" ? [] : LAYERS.slice(0, LAYERS.indexOf(video) + 1));
}

/** Sets `active` as wanted; false if nothing changed. */
export function demand(encodings: RTCRtpEncodingParameters[], video: Publish["video"]): boolean {
  const wanted = activeLayers(video);
  let changed = false;
  for (const encoding of encodings) {
    const active = encoding.rid === undefined ? video !== "off" : wanted.has(encoding.rid);
    changed ||= encoding.active !== active;
    encoding.active = active;
  }
  return changed;
}

export interface Tracks {
  video: MediaStreamTrack | null;
  audio: MediaStreamTrack | null;
}

export type WhipOptions = Omit<MediaOptions, "prepare" | "connected"> & {
  /** A shared screen is sent without simulcast. */
  screen?: boolean;
};

/**
 * Sends camera and microphone by WHIP, and of them only what is asked for at the moment: layers
 * nobody looks at are switched off, a closed microphone is taken out of its sender.
 */
export class Whip {
  readonly #session: MediaSession;
  #tracks: Tracks = { video: null, audio: null };
  #wanted: Pick<Publish, "video" | "sound"> = { video: "off", sound: false };
  #video: RTCRtpSender | null = null;
  #audio: RTCRtpSender | null = null;
  #applying: Promise<void> = Promise.resolve();

  constructor(private readonly options: WhipOptions) {
    this.#session = new MediaSession({
      ...options,
      prepare: (peer) => this.#prepare(peer),
      connected: () => this.#apply(),
    });
  }

  get state(): Readable<MediaState> {
    return this.#session.state;
  }

  /** Begins, or goes on with other devices; a kind that was not there before needs a new session. */
  publish(tracks: Tracks): void {
    const before = this.#tracks;
    this.#tracks = tracks;
    if (tracks.video === null && tracks.audio === null) return this.stop();
    const sameKinds =
      (before.video === null) === (tracks.video === null) &&
      (before.audio === null) === (tracks.audio === null);
    if (this.#session.state.get().kind === "stopped") this.#session.start();
    else if (!sameKinds) this.#session.renew();
    else this.#apply();
  }

  want(publish: Pick<Publish, "video" | "sound">): void {
    this.#wanted = { video: publish.video, sound: publish.sound };
    this.#apply();
  }

  stop(): void {
    this.#session.stop();
    this.#video = this.#audio = null;
  }

  verify(): Promise<void> {
    return this.#session.verify();
  }

  #prepare(peer: RTCPeerConnection): void {
    const { audio, video } = this.#tracks;
    this.#video = this.#audio = null;
    const streams = [new MediaStream()]; // one stream, so that receivers keep lips and voice together
    if (audio !== null) {
      // Without its track until it is asked for: a closed microphone never sends, not even at first.
      this.#audio = peer.addTransceiver("audio", { direction: "sendonly", streams }).sender;
    }
    if (video !== null) {
      const encodings = this.options.screen === true ? SCREEN : ENCODINGS;
      const transceiver = peer.addTransceiver(video, {
        direction: "sendonly",
        streams,
        sendEncodings: encodings.map((e) => ({ ...e })),
      });
      preferVp8(transceiver);
      this.#video = transceiver.sender;
    }
  }

  /** One after the other: a browser refuses parameters that were read before the last change. */
  #apply(): void {
    this.#applying = this.#applying.then(() => this.#applyNow()).catch(() => undefined);
  }

  async #applyNow(): Promise<void> {
    const kind = this.#session.state.get().kind;
    if (kind !== "connected" && kind !== "restarting") return;
    const { audio, video } = this.#tracks;
    const heard = this.#wanted.sound ? audio : null;
    if (this.#audio !== null && this.#audio.track !== heard) await this.#audio.replaceTrack(heard);
    if (this.#video === null) return;
    if (this.#video.track !== video) await this.#video.replaceTrack(video);
    const parameters = this.#video.getParameters();
    if (demand(parameters.encodings, this.#wanted.video)) await this.#video.setParameters(parameters);
  }
}

/** VP8 is the codec that every browser has; the others stay as a choice for the server. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpSender.getCapabilities?.("video")?.codecs;
  if (codecs === undefined || typeof transceiver.setCodecPreferences !== "function") return;
  const rank = (codec: { mimeType: string }) => (/vp8$/i.test(codec.mimeType) ? 0 : 1);
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
}
