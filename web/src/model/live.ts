import type { Command, ErrorBody, ItemWork, OwnSigning, Publish, Quality, ServerMessage, Telephone, You } from "../protocol/wire";
import { Cell, Cleanup, type Readable } from "./cell";
import { ConferenceStore, type ConferenceView } from "./conference";
import { Connection, Refused, type LinkState, type Socket } from "./connection";
import { ServerClock, systemTimers, type Timers } from "./time";

export type Credential = { token: string } | { conference: string };

export interface LiveOptions {
  credential: Credential;
  open?: () => Socket;
  timers?: Timers;
  schedule?: (run: () => void) => void;
}

/** Microphone level of -dBov (0 loud, 127 silent) by venue. */
export type Levels = ReadonlyMap<string, number>;

/** A conference as it goes on: link, view, clock, levels and qualities. */
export class LiveConference {
  readonly clock: ServerClock;
  readonly #store: ConferenceStore;
  readonly #connection: Connection;
  readonly #you = new Cell<You | null>(null);
  readonly #publish = new Cell<Publish>({ video: "off", sound: false, content: false });
  readonly #speaking = new Cell<Levels>(new Map());
  readonly #qualities = new Cell<ReadonlyMap<string, Quality>>(new Map());
  readonly #telephone = new Cell<Telephone>({ number: null, trunks: [], pin_lock: null });
  readonly #deployed = new Cell<readonly ItemWork[]>([]);
  readonly #ownWork = new Cell<OwnSigning>({ issued: 0, signed: 0 });
  readonly #own = new Cell<Quality | null>(null);
  readonly #refusal = new Cell<ErrorBody | null>(null);
  readonly #cleanup = new Cleanup();

  constructor(options: LiveOptions) {
    const timers = options.timers ?? systemTimers;
    this.clock = new ServerClock(timers);
    // Ten drawings a second are enough for a list; a frame would be 60.
    const schedule = options.schedule ?? ((run) => void timers.after(100, run));
    this.#store = new ConferenceStore(schedule);
    const { credential } = options;
    this.#connection = new Connection({
      open: options.open ?? openSocket,
      hello: () => ({ type: "hello", ...credential }),
      receive: (message) => this.#receive(message),
      timers,
    });
  }

  get view(): Readable<ConferenceView | null> {
    return this.#store.view;
  }
  get link(): Readable<LinkState> {
    return this.#connection.state;
  }
  get you(): Readable<You | null> {
    return this.#you;
  }
  /** What the server wants of this station. */
  get publish(): Readable<Publish> {
    return this.#publish;
  }
  get speaking(): Readable<Levels> {
    return this.#speaking;
  }
  get qualities(): Readable<ReadonlyMap<string, Quality>> {
    return this.#qualities;
  }
  /** Access number and trunks; consoles alone hear of them. */
  get telephone(): Readable<Telephone> {
    return this.#telephone;
  }
  /** What the agenda's items have issued; consoles and walls hear of it. */
  get deployed(): Readable<readonly ItemWork[]> {
    return this.#deployed;
  }
  /** What was issued to this station's organisation. */
  get ownWork(): Readable<OwnSigning> {
    return this.#ownWork;
  }
  get ownQuality(): Readable<Quality | null> {
    return this.#own;
  }
  /** The last refusal, until it is dismissed or a command succeeds. */
  get refusal(): Readable<ErrorBody | null> {
    return this.#refusal;
  }

  start(): void {
    this.#connection.start();
    if (typeof window === "undefined") return;
    const hurry = () => this.#connection.hurry();
    const looked = () => document.visibilityState === "visible" && hurry();
    window.addEventListener("online", hurry);
    document.addEventListener("visibilitychange", looked);
    this.#cleanup.add(() => window.removeEventListener("online", hurry));
    this.#cleanup.add(() => document.removeEventListener("visibilitychange", looked));
  }

  stop(): void {
    this.#cleanup.run();
    this.#connection.stop();
  }

  /** Asks, and shows a refusal. True if it was done. */
  async command(command: Command): Promise<boolean> {
    try {
      await this.#connection.command(command);
      this.#store.flush(); // what a person did shows at once
      this.#refusal.set(null);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refusal.set(error.body);
      return false;
    }
  }

  /** Shows what was refused elsewhere than on the WebSocket. */
  refuse(error: ErrorBody): void {
    this.#refusal.set(error);
  }

  dismiss(): void {
    this.#refusal.set(null);
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot":
        this.clock.observe(message.now);
        this.#you.set(message.you);
        this.#store.snapshot(message);
        return;
      case "delta":
        if (!this.#store.delta(message)) this.#connection.resync();
        return;
      case "publish":
        this.#publish.set({ video: message.video, sound: message.sound, content: message.content });
        return;
      case "speaking":
        this.#speaking.set(new Map(message.levels));
        return;
      case "telephone":
        this.#telephone.set({ number: message.number, trunks: message.trunks, pin_lock: message.pin_lock });
        return;
      case "work":
        if ("own" in message) this.#ownWork.set(message.own);
        else this.#deployed.set(message.items);
        return;
      case "quality":
        if ("own" in message) this.#own.set(message.own);
        else this.#qualities.update((old) => new Map([...old, ...Object.entries(message.venues)]));
        return;
    }
  }
}

function openSocket(): Socket {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(`${scheme}//${location.host}/api/ws`) as unknown as Socket;
}
