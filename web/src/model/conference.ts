import type { Delta, Snapshot, Venue, View, ViewHead } from "../protocol/wire";
import { Cell, type Readable } from "./cell";

/** The conference as a page sees it. A new object for every publication; venues are replaced,
 * never changed, so a row may compare by identity. */
export interface ConferenceView extends ViewHead {
  seq: number;
  /** Changes when venues come, go or move in the tree, not when their states change. */
  shape: number;
  /** Iterates in protocol order. */
  venues: ReadonlyMap<string, Venue>;
}

/**
 * The view, kept up by deltas. Publishes through `schedule`, so that a hundred joins in one
 * frame cost one drawing.
 */
export class ConferenceStore {
  readonly #cell = new Cell<ConferenceView | null>(null);
  #head: ViewHead | null = null;
  #venues = new Map<string, Venue>();
  #seq = 0;
  #shape = 0;
  #scheduled = false;

  constructor(private readonly schedule: (run: () => void) => void = (run) => run()) {}

  get view(): Readable<ConferenceView | null> {
    return this.#cell;
  }

  get seq(): number {
    return this.#seq;
  }

  /** Replaces everything. Published at once: whatever waited for it may go on. */
  snapshot(message: Snapshot): void {
    const { venues, ...head } = message.view;
    this.#head = head;
    this.#venues = ordered(Object.values(venues));
    this.#shape += 1;
    this.#seq = message.seq;
    this.#publish();
  }

  /** False if the delta does not follow what is here: the caller must ask for a snapshot. */
  delta(message: Delta): boolean {
    if (this.#head === null) return false;
    if (message.seq <= this.#seq) return true; // already contained in the snapshot
    if (message.base !== this.#seq) return false;
    this.#head = { ...this.#head, ...message.set };
    this.#replace(Object.values(message.venues), message.gone);
    if (message.set.organisations !== undefined) this.#shape += 1;
    this.#seq = message.seq;
    this.#publishSoon();
    return true;
  }

  #replace(venues: readonly Venue[], gone: readonly string[]): void {
    let moved = gone.length > 0;
    for (const venue of venues) {
      const old = this.#venues.get(venue.id);
      moved ||= old?.order !== venue.order || old.organisation !== venue.organisation;
      this.#venues.set(venue.id, venue);
    }
    for (const id of gone) this.#venues.delete(id);
    if (!moved) return;
    this.#venues = ordered([...this.#venues.values()]);
    this.#shape += 1;
  }

  /** Publishes now what waits to be published. */
  flush(): void {
    if (this.#scheduled) this.#publish();
  }

  #publishSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.schedule(() => {
      if (this.#scheduled) this.#publish();
    });
  }

  #publish(): void {
    this.#scheduled = false;
    if (this.#head === null) return;
    this.#cell.set({ ...this.#head, seq: this.#seq, shape: this.#shape, venues: this.#venues });
  }
}

/** For tests and for plain HTTP readers: a wire view as a page's view. */
export function fromWire(seq: number, view: View): ConferenceView {
  const { venues, ...head } = view;
  return { ...head, seq, shape: 1, venues: ordered(Object.values(venues)) };
}

export function mainVenue(view: ConferenceView): Venue | null {
  for (const venue of view.venues.values()) if (venue.kind === "main") return venue;
  return null;
}

function ordered(venues: Venue[]): Map<string, Venue> {
  venues.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  return new Map(venues.map((venue) => [venue.id, venue]));
}
