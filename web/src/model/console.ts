import type { Attendee, LogEntry, Program, Slot, Text, Venue } from "../protocol/wire";
import { ApiError, type Api } from "./api";
import { Cell, Cleanup, type Readable } from "./cell";
import { mainVenue, type ConferenceView } from "./conference";
import type { PhaseCommand } from "./agenda";
import { LiveConference } from "./live";
import { SlidesDesk } from "./slidesdesk";
import { NOTHING, place, sameProgram, slotsOf, withLayout, type Layout } from "./program";
import { takesMedia } from "./station";
import { soundOnly } from "./telephone";
import { buildTree, type Branch, type Filter, type Question } from "./tree";
import { Whep } from "./whep";
import { WallFeed } from "./wallfeed";

/** Who may steer; the core decides, this only dims what it would refuse. */
export function maySteer(role: string | undefined): boolean {
  return role === "chair" || role === "operator" || role === "administrator";
}

export function mayDo(role: string | undefined, command: PhaseCommand): boolean {
  if (maySteer(role)) return true;
  return role === "office" && command !== "start_session" && command !== "adjourn";
}

/** Microphones that "mute all" closes. */
export function openBranchMicrophones(view: ConferenceView): Venue[] {
  return [...view.venues.values()].filter((v) => v.microphone === "open" && v.kind !== "main");
}

/** Builds the tree anew only when its shape changed. */
export class TreeKeeper {
  #shape = -1;
  #id = "";
  #tree: Branch[] = [];

  of(view: ConferenceView): Branch[] {
    if (view.shape !== this.#shape || view.id !== this.#id) {
      this.#tree = buildTree(view.organisations, view.venues.values());
      this.#shape = view.shape;
      this.#id = view.id;
    }
    return this.#tree;
  }
}

/** The console of one conference. */
export class Console {
  readonly live: LiveConference;
  readonly onAir: Whep;
  readonly preview: Whep;
  readonly drawer: WallFeed;
  readonly slides: SlidesDesk;
  readonly #question = new Cell<Question>({ search: "", filter: "all", collapsed: new Set() });
  readonly #selected = new Cell<string | null>(null);
  readonly #target = new Cell<Slot>("main");
  readonly #cleanup = new Cleanup();
  #wasOnline = false;
  /** The preview that was asked for last and is not seen yet: the next change builds on it. */
  #wished: Program | null = null;

  constructor(
    readonly conference: string,
    private readonly api: Api,
  ) {
    const headers = () => api.headers();
    const query = `conference=${encodeURIComponent(conference)}`;
    this.live = new LiveConference({ credential: { conference } });
    this.onAir = new Whep({ url: `/whep?${query}`, headers, pictures: 3, sound: true });
    this.preview = new Whep({ url: `/whep?view=preview&${query}`, headers, pictures: 3, sound: false });
    this.slides = new SlidesDesk(api, () => this.live.view.get()?.slides ?? null, (command) => this.live.command(command));
    this.drawer = new WallFeed(`/whep?view=wall&${query}`, headers);
  }

  get question(): Readable<Question> {
    return this.#question;
  }
  get selected(): Readable<string | null> {
    return this.#selected;
  }
  /** The slot into which the next venue goes. */
  get target(): Readable<Slot> {
    return this.#target;
  }

  start(): void {
    this.#cleanup.add(
      this.live.view.subscribe((view) => {
        if (view !== null && this.#wished !== null && sameProgram(view.preview, this.#wished))
          this.#wished = null;
        if (takesMedia(view)) {
          this.onAir.start();
          this.preview.start();
          this.drawer.resume();
        } else if (view !== null) {
          this.onAir.stop();
          this.preview.stop();
          this.drawer.pause();
        }
      }),
    );
    this.#cleanup.add(
      this.live.link.subscribe((link) => {
        if (link.kind !== "online") return;
        if (this.#wasOnline) this.#verify();
        this.#wasOnline = true;
      }),
    );
    this.live.start();
  }

  stop(): void {
    this.#cleanup.run();
    this.live.stop();
    this.onAir.stop();
    this.preview.stop();
    this.drawer.stop();
  }

  #verify(): void {
    void this.onAir.verify();
    void this.preview.verify();
    void this.drawer.verify();
  }

  search(text: string): void {
    this.#question.update((q) => ({ ...q, search: text }));
  }

  filter(filter: Filter): void {
    this.#question.update((q) => ({ ...q, filter }));
  }

  fold(organisation: string, collapsed: boolean): void {
    this.#question.update((q) => {
      const next = new Set(q.collapsed);
      if (collapsed) next.add(organisation);
      else next.delete(organisation);
      return { ...q, collapsed: next };
    });
  }

  select(venue: string | null): void {
    this.#selected.set(venue);
    this.drawer.show(venue === null ? [] : [venue], "mid");
  }

  aim(slot: Slot): void {
    this.#target.set(slot);
  }

  // --- program

  /** "Pair" sends the next venue to the second picture. */
  layout(layout: Layout): void {
    this.#target.set(layout === "pair" ? "second" : "main");
    if (layout === "one") void this.#setPreview((p) => withLayout(p, "one"));
  }

  /** Puts the main venue's content into the preview, or takes content out of it. */
  toggleContent(): void {
    const view = this.live.view.get();
    if (view === null) return;
    const main = mainVenue(view)?.id ?? null;
    void this.#setPreview((p) => place(p, "content", p.content === null ? main : null));
  }

  /** Into the slot that was aimed at; the first picture of an empty preview is its main one. */
  previewVenue(venue: string): void {
    if (this.#pictureless(venue)) return;
    const aimed = this.#target.get();
    void this.#setPreview((p) => place(p, aimed === "second" && p.main === null ? "main" : aimed, venue));
  }

  clearSlot(slot: Slot): void {
    void this.#setPreview((p) => place(p, slot, null));
  }

  take(): void {
    this.#wished = null;
    void this.live.command({ type: "take" });
    this.#target.set("main");
  }

  cutToMain(): void {
    void this.live.command({ type: "cut_to_main" });
  }

  putOnAir(venue: string): void {
    if (this.#pictureless(venue)) return;
    void this.live.command({ type: "put_on_air", slot: "main", venue });
  }

  #pictureless(venue: string): boolean {
    const known = this.live.view.get()?.venues.get(venue);
    return known !== undefined && soundOnly(known);
  }

  async #setPreview(change: (program: Program) => Program): Promise<void> {
    const program = change(this.#wished ?? this.live.view.get()?.preview ?? NOTHING);
    this.#wished = program;
    const done = await this.live.command({ type: "set_preview", program });
    if (!done && this.#wished === program) this.#wished = null;
  }

  // --- microphones and floor

  switchMicrophone(venue: Venue): void {
    const type = venue.microphone === "closed_by_chair" ? "open_microphone" : "close_microphone";
    void this.live.command({ type, venue: venue.id });
  }

  muteAll(): void {
    void this.live.command({ type: "close_all_microphones", main_too: false });
  }

  grant(venue: string, onAir: boolean): void {
    void this.live.command({ type: "grant_floor", venue, slot: onAir ? "main" : null });
  }

  grantFirst(): void {
    const first = this.live.view.get()?.floor.queue[0];
    if (first !== undefined) this.grant(first.venue, false);
  }

  decline(venue: string): void {
    void this.live.command({ type: "withdraw_request", venue });
  }

  switchRecording(on: boolean): void {
    void this.live.command({ type: "switch_recording", on });
  }

  excuse(venue: Venue): void {
    void this.live.command({ type: "excuse_venue", venue: venue.id, excused: !venue.excused });
  }

  signIn(venue: string, people: Attendee[]): Promise<boolean> {
    return this.live.command({ type: "sign_people_in", venue, people });
  }

  release(venue: string): void {
    void this.live.command({ type: "release_floor", venue });
  }

  // --- telephone

  call(venue: string): void {
    void this.live.command({ type: "place_call", venue });
  }

  callUnconnected(): void {
    void this.live.command({ type: "call_unconnected" });
  }

  /** Telephones whose number is not known may come in by PIN again. */
  async liftPinLock(): Promise<void> {
    try {
      await this.api.liftPinLock();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.live.refuse(error.body);
    }
  }

  hangUp(venue: string): void {
    void this.live.command({ type: "hang_up", venue });
  }

  /** Whoever answers is a guest. True if the number is being dialled. */
  dial(number: string, name: Text): Promise<boolean> {
    const guest = `guest-${randomId()}`;
    return this.live.command({ type: "dial_number", guest, number, name });
  }

  renameGuest(guest: string, name: Text): void {
    void this.live.command({ type: "rename_guest", guest, name });
  }

  async assignGuest(guest: string, venue: string): Promise<void> {
    if ((await this.live.command({ type: "assign_guest", guest, venue })) && this.#selected.get() === guest)
      this.select(venue);
  }

  removeGuest(guest: string): void {
    this.select(null);
    void this.live.command({ type: "withdraw_venue", venue: guest });
  }

  // --- agenda and phases

  startItem(item: string): void {
    void this.live.command({ type: "start_item", item });
  }

  finishItem(item: string): void {
    void this.live.command({ type: "finish_item", item });
  }

  phase(command: PhaseCommand): void {
    void this.live.command({ type: command });
  }

  /** The log before `before` (exclusive), newest pages first; 500 entries each. */
  async history(before: number): Promise<{ entries: LogEntry[]; from: number }> {
    const from = Math.max(0, before - 501);
    const { events } = await this.api.events(this.conference, from, 500);
    return { entries: events.filter((e) => e.seq < before), from: from + 1 };
  }
}

/** `crypto.randomUUID` is for secure contexts alone. */
function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** What of the log concerns one venue, in words' keys; program changes become on and off air. */
export type Happening =
  | { at: string; kind: "event"; event: LogEntry["event"] }
  | { at: string; kind: "on_air"; slots: Slot[] }
  | { at: string; kind: "off_air" };

export function timelineOf(entries: readonly LogEntry[], venue: string): Happening[] {
  const result: Happening[] = [];
  let before: Slot[] = [];
  for (const { at, event } of entries) {
    if (event.type === "program_changed") {
      const slots = slotsOf(event["program"] as Program, venue);
      if (slots.join() !== before.join())
        result.push(slots.length > 0 ? { at, kind: "on_air", slots } : { at, kind: "off_air" });
      before = slots;
    } else if (event.venue === venue || event["guest"] === venue) {
      result.push({ at, kind: "event", event });
    }
  }
  return result.reverse();
}
