import type { Venue, View } from "../protocol/wire";
import type { Socket } from "./connection";
import type { Timers } from "./time";

/** Time that stands still until it is told to go on. For tests. */
export class ManualTimers implements Timers {
  #now = 1_000_000;
  #next = 0;
  readonly #tasks = new Map<number, { at: number; every: number | null; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    return this.#add(milliseconds, null, run);
  }

  every(milliseconds: number, run: () => void): () => void {
    return this.#add(milliseconds, milliseconds, run);
  }

  /** Runs what falls due within that time, in order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#tasks].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) break;
      const [id, task] = due;
      this.#now = Math.max(this.#now, task.at);
      if (task.every === null) this.#tasks.delete(id);
      else task.at += task.every;
      task.run();
    }
    this.#now = end;
  }

  #add(milliseconds: number, every: number | null, run: () => void): () => void {
    const id = this.#next++;
    this.#tasks.set(id, { at: this.#now + milliseconds, every, run });
    return () => void this.#tasks.delete(id);
  }
}

/** The server's end of a WebSocket. */
export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  says(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

export function venue(id: string, change: Partial<Venue> = {}): Venue {
  return {
    id,
    organisation: `o-${id}`,
    name: { zh: id, en: id },
    pinyin: [],
    kind: "branch",
    order: 1,
    connection: "connected",
    since: null,
    reason: null,
    camera: "working",
    microphone_device: "working",
    microphone: "closed_by_chair",
    floor: null,
    on_air: [],
    blind: [],
    people: [],
    excused: false,
    telephones: [],
    call: null,
    ...change,
  };
}

export function wireView(venues: Venue[], change: Partial<View> = {}): View {
  const nothing = { main: null, second: null, content: null };
  return {
    id: "c1",
    title: { zh: "会议", en: "Conference" },
    starts_at: "2023-03-01T01:00:00Z",
    phase: "in_session",
    phase_since: null,
    session_started_at: null,
    agenda: [],
    current_item: null,
    organisations: [],
    program: nothing,
    place: null,
    recording: false,
    preview: nothing,
    slides: null,
    documents: [],
    floor: { holders: [], queue: [] },
    counts: {
      invited: venues.length,
      connected: 0,
      degraded: 0,
      lost: 0,
      absent: 0,
      connecting: 0,
      present: 0,
      telephone: 0,
      guests: 0,
    },
    venues: Object.fromEntries(venues.map((v) => [v.id, v])),
    ...change,
  };
}

/** Lets promises that are already settled run their continuations. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
