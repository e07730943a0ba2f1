import type { ErrorBody } from "../protocol/wire";
import { Cell, type Readable } from "./cell";
import { fragment, restartedAnswer } from "./sdp";
import { Backoff, systemTimers, type Timers } from "./time";

/** How a WHIP or WHEP session stands. All but `refused` and `stopped` mend themselves. */
export type MediaState =
  | { kind: "stopped" }
  | { kind: "starting"; attempt: number }
  | { kind: "connected" }
  /** The path broke; a new one is being looked for. */
  | { kind: "restarting" }
  | { kind: "waiting"; attempt: number; error: ErrorBody | null };

export interface MediaOptions {
  /** Of the endpoint, such as `/whep?view=preview`. */
  url: string;
  headers: () => Record<string, string>;
  /** Adds the transceivers of a new connection. */
  prepare: (peer: RTCPeerConnection) => void;
  /** The connection stands; called once for each. */
  connected?: (peer: RTCPeerConnection) => void;
  createPeer?: () => RTCPeerConnection;
  fetch?: typeof fetch;
  timers?: Timers;
  random?: () => number;
}

const CONNECT_LIMIT = 8000;
const DISCONNECTED_LIMIT = 2000;
const RESTART_LIMIT = 5000;

/**
 * One WHIP or WHEP session that keeps itself alive: ICE restart when the path breaks, a new
 * session when that fails, for ever, with growing pauses.
 */
export class MediaSession {
  readonly #state = new Cell<MediaState>({ kind: "stopped" });
  readonly #location = new Cell<string | null>(null);
  readonly #timers: Timers;
  readonly #fetch: typeof fetch;
  readonly #backoff: Backoff;
  #peer: RTCPeerConnection | null = null;
  #cancel: () => void = () => {};
  #etag: string | null = null;
  #restarting = false;

  constructor(private readonly options: MediaOptions) {
    this.#timers = options.timers ?? systemTimers;
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
    this.#backoff = new Backoff(400, 4000, options.random);
  }

  get state(): Readable<MediaState> {
    return this.#state;
  }

  /** The session's own address while it exists; null between sessions. */
  get location(): Readable<string | null> {
    return this.#location;
  }

  get peer(): RTCPeerConnection | null {
    return this.#peer;
  }

  start(): void {
    if (this.#state.get().kind === "stopped") void this.#attempt();
  }

  /** Ends the session here and at the server. */
  stop(): void {
    this.#discard();
    this.#state.set({ kind: "stopped" });
  }

  /** Drops what there is and begins anew, as when the devices changed. */
  renew(): void {
    if (this.#state.get().kind === "stopped") return;
    this.#discard();
    this.#backoff.reset();
    void this.#attempt();
  }

  /**
   * Asks whether the server still knows the session, after the link to it was lost: a restarted
   * server does not, and the browser alone would notice only seconds later.
   */
  async verify(): Promise<void> {
    const { kind } = this.#state.get();
    const peer = this.#peer;
    const location = this.#location.get();
    if (kind === "waiting") return this.renew();
    if (kind === "stopped" || kind === "starting" || peer === null || location === null) return;
    const status = await this.#patch(location, fragment(peer.localDescription?.sdp ?? ""), this.#etag)
      .then((r) => r.status)
      .catch(() => 0);
    if (peer !== this.#peer) return;
    if ([401, 403, 404, 410].includes(status)) this.renew();
  }

  async #attempt(): Promise<void> {
    this.#state.set({ kind: "starting", attempt: this.#backoff.attempt });
    const peer = (this.options.createPeer ?? defaultPeer)();
    this.#peer = peer;
    this.#cancel();
    this.#cancel = this.#timers.after(CONNECT_LIMIT, () => this.#fail(peer, null));
    try {
      this.options.prepare(peer);
      peer.onconnectionstatechange = () => this.#changed(peer);
      await peer.setLocalDescription(await peer.createOffer());
      const response = await this.#post(peer.localDescription?.sdp ?? "");
      if (response.status !== 201) return this.#fail(peer, await bodyOf(response));
      const location = response.headers.get("location");
      if (peer !== this.#peer) {
        if (location !== null) this.#delete(location); // stopped while the answer was on its way
        return;
      }
      this.#location.set(location);
      this.#etag = response.headers.get("etag");
      await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    } catch {
      this.#fail(peer, null);
    }
  }

  #changed(peer: RTCPeerConnection): void {
    if (peer !== this.#peer) return;
    switch (peer.connectionState) {
      case "connected": {
        this.#cancel();
        this.#backoff.reset();
        const first = this.#state.get().kind === "starting";
        this.#restarting = false;
        this.#state.set({ kind: "connected" });
        if (first) this.options.connected?.(peer);
        return;
      }
      case "disconnected":
        if (this.#restarting) return;
        this.#cancel();
        this.#cancel = this.#timers.after(DISCONNECTED_LIMIT, () => void this.#restart(peer));
        return;
      case "failed":
      case "closed":
        if (this.#restarting || this.#state.get().kind === "starting") this.#fail(peer, null);
        else void this.#restart(peer);
        return;
    }
  }

  async #restart(peer: RTCPeerConnection): Promise<void> {
    const location = this.#location.get();
    const answer = peer.remoteDescription?.sdp;
    if (peer !== this.#peer) return;
    if (location === null || answer === undefined || peer.connectionState === "closed")
      return this.#fail(peer, null);
    this.#restarting = true;
    this.#state.set({ kind: "restarting" });
    this.#cancel();
    this.#cancel = this.#timers.after(RESTART_LIMIT, () => this.#fail(peer, null));
    try {
      await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
      const sent = fragment(peer.localDescription?.sdp ?? "");
      const response = await this.#patch(location, sent, "*");
      if (response.status !== 200) return this.#fail(peer, await bodyOf(response));
      const sdp = restartedAnswer(answer, await response.text());
      if (sdp === null) return this.#fail(peer, null);
      if (peer !== this.#peer) return;
      this.#etag = response.headers.get("etag") ?? this.#etag;
      await peer.setRemoteDescription({ type: "answer", sdp });
    } catch {
      this.#fail(peer, null);
    }
  }

  /** Gives this connection up and tries anew after a pause. */
  #fail(peer: RTCPeerConnection, error: ErrorBody | null): void {
    if (peer !== this.#peer) return;
    this.#discard();
    this.#state.set({ kind: "waiting", attempt: this.#backoff.attempt, error });
    this.#cancel = this.#timers.after(this.#backoff.next(), () => void this.#attempt());
  }

  #discard(): void {
    this.#cancel();
    this.#restarting = false;
    const peer = this.#peer;
    this.#peer = null;
    if (peer !== null) {
      peer.onconnectionstatechange = null;
      peer.close();
    }
    const location = this.#location.get();
    this.#location.set(null);
    this.#etag = null;
    if (location !== null) this.#delete(location);
  }

  #post(offer: string): Promise<Response> {
    const headers = { ...this.options.headers(), "content-type": "application/sdp" };
    return this.#fetch(this.options.url, { method: "POST", body: offer, headers });
  }

  #patch(location: string, body: string, match: string | null): Promise<Response> {
    const headers: Record<string, string> = {
      ...this.options.headers(),
      "content-type": "application/trickle-ice-sdpfrag",
    };
    if (match !== null) headers["if-match"] = match;
    return this.#fetch(location, { method: "PATCH", body, headers });
  }

  #delete(location: string): void {
    const request = { method: "DELETE", headers: this.options.headers(), keepalive: true };
    // The server forgets a session without its DELETE too, only later.
    void this.#fetch(location, request).catch(() => undefined);
  }
}

function defaultPeer(): RTCPeerConnection {
  return new RTCPeerConnection({ bundlePolicy: "max-bundle" });
}

/** The error of an answer that is not what was hoped for. */
export async function bodyOf(response: Response): Promise<ErrorBody | null> {
  try {
    const body = (await response.json()) as { error?: ErrorBody };
    return body.error ?? null;
  } catch {
    return null;
  }
}
