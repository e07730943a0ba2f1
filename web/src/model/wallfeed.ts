import type { Size } from "../protocol/wire";
import { Cell, Cleanup, type Readable } from "./cell";
import type { MediaState } from "./media";
import { Backoff, systemTimers, type Timers } from "./time";
import { Whep, type Received } from "./whep";

/** What the private slots were last told to show, once the server has agreed. */
export interface Shown {
  venues: readonly (string | null)[];
  received: Received;
}

/**
 * Private pictures: a WHEP session with as many slots as are needed, told by PUT what to show.
 * The session is renewed only when more slots are needed than it has.
 */
export class WallFeed {
  readonly #shown = new Cell<Shown>({ venues: [], received: { pictures: [], sound: null } });
  readonly #state = new Cell<MediaState>({ kind: "stopped" });
  readonly #backoff = new Backoff(500, 5000);
  #cleanup = new Cleanup();
  #whep: Whep | null = null;
  #slots = 0;
  #venues: readonly (string | null)[] = [];
  #size: Size = "low";
  #paused = true;
  #asking = 0;
  #cancelRetry: () => void = () => {};

  constructor(
    private readonly url: string,
    private readonly headers: () => Record<string, string>,
    private readonly timers: Timers = systemTimers,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  get shown(): Readable<Shown> {
    return this.#shown;
  }

  get state(): Readable<MediaState> {
    return this.#state;
  }

  show(venues: readonly (string | null)[], size: Size): void {
    const same = size === this.#size && venues.join() === this.#venues.join();
    if (same && venues.length === this.#venues.length) return;
    this.#venues = venues;
    this.#size = size;
    if (this.#paused) return;
    if (venues.length > this.#slots) this.#open(venues.length);
    else void this.#tell();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#venues.length > 0) this.#open(this.#venues.length);
  }

  pause(): void {
    this.#paused = true;
    this.#close();
  }

  stop(): void {
    this.pause();
    this.#venues = [];
  }

  async verify(): Promise<void> {
    await this.#whep?.verify();
  }

  #open(slots: number): void {
    this.#close();
    this.#slots = slots;
    const whep = new Whep({ url: this.url, headers: this.headers, pictures: slots, sound: false });
    this.#whep = whep;
    this.#cleanup.add(whep.state.subscribe((state) => this.#state.set(state)));
    this.#cleanup.add(whep.location.subscribe((location) => location !== null && void this.#tell()));
    this.#cleanup.add(
      whep.received.subscribe((received) => this.#shown.update((s) => ({ ...s, received }))),
    );
    whep.start();
  }

  #close(): void {
    this.#asking += 1;
    this.#cancelRetry();
    this.#cleanup.run();
    this.#cleanup = new Cleanup();
    this.#whep?.stop();
    this.#whep = null;
    this.#slots = 0;
    this.#state.set({ kind: "stopped" });
    this.#shown.set({ venues: [], received: { pictures: [], sound: null } });
  }

  /** Tells the server what to show; the latest wish wins, a failed one is repeated. */
  async #tell(): Promise<void> {
    const location = this.#whep?.location.get() ?? null;
    if (location === null) return;
    this.#cancelRetry();
    const round = ++this.#asking;
    const venues = this.#venues;
    const padded = [...venues, ...Array<null>(Math.max(0, this.#slots - venues.length)).fill(null)];
    const headers = { ...this.headers(), "content-type": "application/json" };
    const body = JSON.stringify({ venues: padded, size: this.#size });
    const response = await this.fetcher(`${location}/slots`, { method: "PUT", headers, body }).catch(
      () => null,
    );
    if (round !== this.#asking) return;
    if (response?.ok === true) {
      this.#backoff.reset();
      this.#shown.update((s) => ({ ...s, venues }));
    } else {
      this.#cancelRetry = this.timers.after(this.#backoff.next(), () => void this.#tell());
    }
  }
}
