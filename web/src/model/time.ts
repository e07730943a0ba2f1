/** Timers and the time of day, so that models can be tested with a clock that is told. */
export interface Timers {
  /** Milliseconds since 1970, this machine's clock. */
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
  every(milliseconds: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const handle = setTimeout(run, milliseconds);
    return () => clearTimeout(handle);
  },
  every(milliseconds, run) {
    const handle = setInterval(run, milliseconds);
    return () => clearInterval(handle);
  },
};

/**
 * The server's clock as seen from here. Waiting rooms count down by it, because the clocks of
 * venue machines are often minutes off.
 */
export class ServerClock {
  #offset = 0;

  constructor(private readonly timers: Timers = systemTimers) {}

  /** `now`: what the server said, at the moment that it arrived. */
  observe(now: string): void {
    const server = Date.parse(now);
    if (!Number.isNaN(server)) this.#offset = server - this.timers.now();
  }

  /** Server time at a moment of this machine's clock, both in milliseconds since 1970. */
  at(client: number): number {
    return client + this.#offset;
  }
}

/** Lengths of waiting between attempts, for ever: doubling, with jitter, up to a limit. */
export class Backoff {
  #attempt = 0;

  constructor(
    private readonly first = 500,
    private readonly limit = 4000,
    private readonly random: () => number = Math.random,
  ) {}

  get attempt(): number {
    return this.#attempt;
  }

  /** Milliseconds to wait before the next attempt: between half and the whole of the step. */
  next(): number {
    const step = Math.min(this.limit, this.first * 2 ** Math.min(this.#attempt, 16));
    this.#attempt += 1;
    return step * (0.5 + this.random() / 2);
  }

  reset(): void {
    this.#attempt = 0;
  }
}
