import type { ClientMessage, Command, ErrorBody, Hello, ServerMessage } from "../protocol/wire";
import { Cell, type Readable } from "./cell";
import { Backoff, systemTimers, type Timers } from "./time";

/** The part of a WebSocket that is used; tests bring their own. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export type Ending = "superseded" | "unknown_credential" | "forbidden" | "no_conference" | "stopped";

export type LinkState =
  | { kind: "connecting"; attempt: number }
  | { kind: "online" }
  /** Will try again by itself. `since`: client milliseconds when the link was lost. */
  | { kind: "waiting"; attempt: number; retryAt: number; since: number; restart: boolean }
  /** Will not try again: only a person can help. */
  | { kind: "ended"; why: Ending; error: ErrorBody | null };

const ENDINGS: Readonly<Record<number, Ending>> = {
  4001: "superseded",
  4401: "unknown_credential",
  4403: "forbidden",
  4404: "no_conference",
};

const RESTART = 1012;
const PING_EVERY = 4000;
const SILENCE_LIMIT = 6000;

export class Refused extends Error {
  constructor(readonly body: ErrorBody) {
    super(body.code);
  }
}

export interface ConnectionOptions {
  open: () => Socket;
  /** Asked at each attempt, since `after` moves on. */
  hello: () => Hello;
  receive: (message: ServerMessage) => void;
  timers?: Timers;
  random?: () => number;
}

/**
 * The WebSocket to the conference. It comes back by itself for ever, unless the server says that
 * nothing but a person can help. Online means: a snapshot has arrived.
 */
export class Connection {
  readonly #state = new Cell<LinkState>({ kind: "connecting", attempt: 0 });
  readonly #timers: Timers;
  readonly #backoff: Backoff;
  readonly #pending = new Map<number, (error: Error | null) => void>();
  #socket: Socket | null = null;
  #cancelTimer: () => void = () => {};
  #cancelPing: () => void = () => {};
  #nextId = 1;
  #lastError: ErrorBody | null = null;
  #lastHeard = 0;
  #lastPing = 0;
  #lostSince: number | null = null;

  constructor(private readonly options: ConnectionOptions) {
    this.#timers = options.timers ?? systemTimers;
    this.#backoff = new Backoff(400, 4000, options.random);
  }

  get state(): Readable<LinkState> {
    return this.#state;
  }

  start(): void {
    if (this.#socket === null) this.#connect();
  }

  /** Ends the link for good, as when the page closes. */
  stop(): void {
    this.#end("stopped");
  }

  /** Tries now instead of later: the network came back, or the page is looked at again. */
  hurry(): void {
    if (this.#state.get().kind !== "waiting") return;
    this.#cancelTimer();
    this.#connect();
  }

  resync(): void {
    this.#send({ type: "resync" });
  }

  /** Resolves once the server has accepted; rejects with `Refused` or, offline, with `Error`. */
  command(command: Command): Promise<void> {
    if (this.#state.get().kind !== "online") return Promise.reject(new Refused(OFFLINE));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, (error) => (error === null ? resolve() : reject(error)));
      this.#send({ type: "command", id, command });
    });
  }

  #connect(): void {
    this.#state.set({ kind: "connecting", attempt: this.#backoff.attempt });
    const socket = this.options.open();
    this.#socket = socket;
    this.#lastError = null;
    this.#lastHeard = this.#timers.now();
    this.#lastPing = 0;
    socket.onopen = () => {
      if (socket === this.#socket) this.#send(this.options.hello());
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#heard(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
    this.#cancelPing();
    this.#cancelPing = this.#timers.every(PING_EVERY / 4, () => this.#beat());
  }

  #beat(): void {
    const now = this.#timers.now();
    if (this.#state.get().kind !== "online") {
      // Neither refused nor answered: a firewall that swallows packets, or a stuck proxy.
      if (now - this.#lastHeard > 2 * SILENCE_LIMIT) this.#dropped();
      return;
    }
    if (this.#lastPing > this.#lastHeard && now - this.#lastPing > SILENCE_LIMIT) this.#dropped();
    else if (this.#lastPing <= this.#lastHeard && now - this.#lastPing >= PING_EVERY) {
      this.#lastPing = now;
      this.#send({ type: "ping" });
    }
  }

  /** Silence: do not wait for a close that may take minutes. */
  #dropped(): void {
    const socket = this.#socket;
    this.#closed(1006);
    socket?.close();
  }

  #heard(data: unknown): void {
    const message = parse(data);
    if (message === null) return;
    this.#lastHeard = Math.max(this.#timers.now(), this.#lastPing);
    switch (message.type) {
      case "result": {
        const done = this.#pending.get(message.id);
        this.#pending.delete(message.id);
        done?.(message.ok ? null : new Refused(message.error));
        return;
      }
      case "error":
        this.#lastError = message.error;
        return;
      case "superseded":
        this.#end("superseded");
        this.options.receive(message);
        return;
      case "snapshot":
        this.#backoff.reset();
        this.#lostSince = null;
        this.options.receive(message);
        this.#state.set(ONLINE);
        return;
      default:
        this.options.receive(message);
    }
  }

  #closed(code: number): void {
    this.#detach();
    const ending = ENDINGS[code];
    if (ending !== undefined) return this.#end(ending);
    const now = this.#timers.now();
    const delay = this.#backoff.next();
    this.#lostSince ??= now;
    this.#cancelTimer = this.#timers.after(delay, () => this.#connect());
    this.#state.set({
      kind: "waiting",
      attempt: this.#backoff.attempt,
      retryAt: now + delay,
      since: this.#lostSince,
      restart: code === RESTART,
    });
  }

  #end(why: Ending): void {
    if (this.#state.get().kind === "ended") return;
    const socket = this.#socket;
    this.#detach();
    socket?.close();
    this.#cancelTimer();
    this.#state.set({ kind: "ended", why, error: this.#lastError });
  }

  #detach(): void {
    this.#socket = null;
    this.#cancelPing();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const done of waiting) done(new Refused(OFFLINE));
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

const ONLINE: LinkState = { kind: "online" };

const OFFLINE: ErrorBody = {
  code: "offline",
  fault: "peer",
  zh: "与服务器的连接已中断，正在自动重连；本次操作未执行。",
  en: "The connection to the server is interrupted and being restored; this was not done.",
};

function parse(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    const typed = typeof value === "object" && value !== null && "type" in value;
    return typed ? (value as ServerMessage) : null;
  } catch {
    return null;
  }
}
