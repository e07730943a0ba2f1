import type { Attendee, Program, Publish, Text, Venue } from "../protocol/wire";
import { Cell, Cleanup, type Readable } from "./cell";
import type { ConferenceView } from "./conference";
import type { LinkState, Ending } from "./connection";
import { StationWorkApi } from "./deployment";
import { documentByLink } from "./documents";
import { LocalDevices, type Devices } from "./devices";
import { LiveConference } from "./live";
import type { MediaState } from "./media";
import { isOnAir, NOTHING, showsProgram } from "./program";
import { canvasScreen, SlideFeed, slideLoader, slidesOf } from "./slides";
import { Whep } from "./whep";
import { Whip } from "./whip";

/** What the station's screen shows after the device check. */
export type Scene =
  | { kind: "entering" }
  | { kind: "waiting" }
  | { kind: "program" }
  | { kind: "adjourned" }
  | { kind: "closed" }
  | { kind: "ended"; why: Ending };

export function sceneOf(view: ConferenceView | null, link: LinkState): Scene {
  if (link.kind === "ended") return { kind: "ended", why: link.why };
  if (view === null) return { kind: "entering" };
  if (view.phase === "closed" || view.phase === "adjourned") return { kind: view.phase };
  const live = view.phase === "in_session" || showsProgram(view.phase, view.program);
  return { kind: live ? "program" : "waiting" };
}

/** Whether the conference takes media at all. */
export function takesMedia(view: ConferenceView | null): boolean {
  return view !== null && view.phase !== "scheduled" && view.phase !== "closed";
}

/** Whether a media session has failed often enough that a firewall is the likely reason. */
export function isBlocked(state: MediaState): boolean {
  return (state.kind === "waiting" || state.kind === "starting") && state.attempt >= 3;
}

export interface Standing {
  venue: Venue | null;
  onAir: boolean;
  hasFloor: boolean;
  /** Place in the queue from 1, or null. */
  place: number | null;
}

export function standingOf(view: ConferenceView | null, id: string): Standing {
  const venue = view?.venues.get(id) ?? null;
  return {
    venue,
    onAir: view !== null && isOnAir(view.phase, view.program, id),
    hasFloor: venue?.floor === "holds",
    place: typeof venue?.floor === "number" ? venue.floor : null,
  };
}

/** One venue's attendance: its devices, its link, what it sends and what it receives. */
export class Station {
  readonly live: LiveConference;
  readonly program: Whep;
  readonly work: StationWorkApi;
  readonly #camera: Whip;
  readonly #screen: Whip;
  readonly #shared = new Cell<MediaStream | null>(null);
  readonly #slides: SlideFeed<ImageBitmap>;
  readonly #cleanup = new Cleanup();
  #wasOnline = false;
  #reported = "";
  /** What the venue did to its own microphone and the server has not heard of yet. */
  #ownSwitch: boolean | null = null;

  constructor(
    readonly venue: { id: string; name: Text },
    private readonly token: string,
    private readonly devices: LocalDevices,
  ) {
    const headers = () => ({ authorization: `Bearer ${token}` });
    this.work = new StationWorkApi(token);
    this.live = new LiveConference({ credential: { token } });
    this.program = new Whep({ url: "/whep", headers, pictures: 3, sound: true });
    this.#camera = new Whip({ url: "/whip", headers });
    this.#screen = new Whip({ url: "/whip?source=content", headers, screen: true });
    this.#slides = new SlideFeed({ load: slideLoader(headers), open: canvasScreen });
  }

  get sending(): Readable<MediaState> {
    return this.#camera.state;
  }

  /** The screen that is being shared, if any. */
  get shared(): Readable<MediaStream | null> {
    return this.#shared;
  }

  start(): void {
    this.#cleanup.add(this.live.link.subscribe((link) => this.#linkChanged(link)));
    this.#cleanup.add(this.live.view.subscribe((view) => this.#viewChanged(view)));
    this.#cleanup.add(this.live.publish.subscribe((wanted) => this.#wanted(wanted)));
    this.#cleanup.add(this.#slides.stream.subscribe(() => this.#sendContent()));
    this.#cleanup.add(this.devices.devices.subscribe((devices) => this.#devicesChanged(devices)));
    this.live.start();
  }

  stop(): void {
    this.#cleanup.run();
    this.unshare();
    this.#slides.stop();
    this.live.stop();
    this.#silence();
  }

  ask(): Promise<boolean> {
    return this.live.command({ type: "request_floor", venue: this.venue.id });
  }

  withdraw(): Promise<boolean> {
    return this.live.command({ type: "withdraw_request", venue: this.venue.id });
  }

  giveBack(): Promise<boolean> {
    return this.live.command({ type: "release_floor", venue: this.venue.id });
  }

  signIn(people: Attendee[]): Promise<boolean> {
    return this.live.command({ type: "sign_people_in", venue: this.venue.id, people });
  }

  /** One of the conference's documents. Throws `ApiError`. */
  document(id: string): Promise<Blob> {
    return documentByLink(this.token, id);
  }

  /** Here at once: what is said now must not depend on the network. Told again if it was lost. */
  async switchMicrophone(closed: boolean): Promise<void> {
    this.#ownSwitch = closed;
    this.#muteAsKnown();
    await this.#tellOwnSwitch();
  }

  async #tellOwnSwitch(): Promise<void> {
    const closed = this.#ownSwitch;
    if (closed === null) return;
    const venue = this.venue.id;
    const done = await this.live.command({ type: "switch_own_microphone", venue, closed });
    const refused = !done && this.live.link.get().kind === "online";
    if ((done || refused) && this.#ownSwitch === closed) this.#ownSwitch = null;
    if (refused) this.#muteAsKnown();
  }

  async share(): Promise<void> {
    const picture = { frameRate: { ideal: 15, max: 30 } };
    const stream = await navigator.mediaDevices
      .getDisplayMedia({ video: picture, audio: false })
      .catch(() => null); // the person changed their mind
    const track = stream?.getVideoTracks()[0];
    if (stream === null || track === undefined) return;
    track.contentHint = "detail";
    track.onended = () => this.unshare();
    this.#shared.set(stream);
    this.#sendContent();
  }

  unshare(): void {
    for (const track of this.#shared.get()?.getTracks() ?? []) track.stop();
    this.#shared.set(null);
    this.#sendContent();
  }

  /** Slides stand in the place of a shared screen, which comes back when they are hidden. */
  #sendContent(): void {
    if (!takesMedia(this.live.view.get()) || this.live.link.get().kind === "ended") return this.#screen.stop();
    const content = this.#slides.stream.get() ?? this.#shared.get();
    this.#screen.publish(tracksOf(content));
  }

  #linkChanged(link: LinkState): void {
    if (link.kind === "ended") return this.#silence();
    if (link.kind !== "online") return;
    const back = this.#wasOnline;
    this.#wasOnline = true;
    this.#reported = "";
    this.#report(this.devices.devices.get());
    void this.#tellOwnSwitch();
    if (!back) return;
    for (const session of [this.#camera, this.#screen, this.program]) void session.verify();
  }

  #viewChanged(view: ConferenceView | null): void {
    if (view === null || this.live.link.get().kind === "ended") return;
    if (!takesMedia(view)) return this.#silence();
    this.program.start();
    const { stream } = this.devices.devices.get();
    if (this.#camera.state.get().kind === "stopped") this.#camera.publish(tracksOf(stream));
    this.#slides.show(slidesOf(view, this.venue.id));
    if (this.#screen.state.get().kind === "stopped") this.#sendContent();
    this.#muteAsKnown();
  }

  #wanted(wanted: Publish): void {
    this.#camera.want(wanted);
    this.#screen.want({ video: wanted.content ? "high" : "off", sound: false });
  }

  #devicesChanged(devices: Devices): void {
    if (takesMedia(this.live.view.get()) && this.live.link.get().kind !== "ended")
      this.#camera.publish(tracksOf(devices.stream));
    this.#muteAsKnown();
    this.#report(devices);
  }

  #report(devices: Devices): void {
    const { camera, microphone } = devices;
    const news = `${camera} ${microphone}`;
    if (news === this.#reported || this.live.link.get().kind !== "online") return;
    this.#reported = news;
    const venue = this.venue.id;
    void this.live.command({ type: "report_devices", venue, camera, microphone });
  }

  #muteAsKnown(): void {
    const venue = this.live.view.get()?.venues.get(this.venue.id);
    const closed = this.#ownSwitch ?? venue?.microphone === "closed_at_venue";
    const track = this.devices.devices.get().stream?.getAudioTracks()[0];
    if (track !== undefined) track.enabled = !closed;
  }

  #silence(): void {
    this.#slides.stop();
    this.#camera.stop();
    this.#screen.stop();
    this.program.stop();
  }
}

function tracksOf(stream: MediaStream | null) {
  return {
    video: stream?.getVideoTracks()[0] ?? null,
    audio: stream?.getAudioTracks()[0] ?? null,
  };
}

/** The program that a station draws; nothing while there is no view. */
export function programOf(view: ConferenceView | null): Program {
  return view?.program ?? NOTHING;
}
