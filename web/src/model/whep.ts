import { Cell, type Readable } from "./cell";
import { MediaSession, type MediaOptions, type MediaState } from "./media";

export interface Received {
  /** One stream for each picture, in the order of the m-lines. */
  pictures: (MediaStream | null)[];
  sound: MediaStream | null;
}

export type WhepOptions = Omit<MediaOptions, "prepare"> & { pictures: number; sound: boolean };

/** Receives pictures and sound by WHEP. Streams change identity with every new session. */
export class Whep {
  readonly #received = new Cell<Received>({ pictures: [], sound: null });
  readonly #session: MediaSession;

  constructor(private readonly options: WhepOptions) {
    this.#session = new MediaSession({ ...options, prepare: (peer) => this.#prepare(peer) });
  }

  get received(): Readable<Received> {
    return this.#received;
  }

  get state(): Readable<MediaState> {
    return this.#session.state;
  }

  get location(): Readable<string | null> {
    return this.#session.location;
  }

  start(): void {
    this.#session.start();
  }

  stop(): void {
    this.#session.stop();
    this.#received.set({ pictures: [], sound: null });
  }

  verify(): Promise<void> {
    return this.#session.verify();
  }

  #prepare(peer: RTCPeerConnection): void {
    const sound = this.options.sound ? peer.addTransceiver("audio", { direction: "recvonly" }) : null;
    const pictures = Array.from({ length: this.options.pictures }, () =>
      peer.addTransceiver("video", { direction: "recvonly" }),
    );
    // The receivers' tracks exist from the start and stay muted until media comes.
    this.#received.set({
      pictures: pictures.map((t) => new MediaStream([t.receiver.track])),
      sound: sound === null ? null : new MediaStream([sound.receiver.track]),
    });
  }
}
