import type * as wire from "../protocol/wire";

/** A recorded file whose length is known. */
export type Footage = wire.Recording & { seconds: number };

/** A file with the mix, and where it begins in the whole; the times between such files are left out. */
export interface Stretch {
  footage: Footage;
  start: number;
}

/** All that is recorded of a conference, as it is played: one line of time in seconds. */
export interface Film {
  stretches: readonly Stretch[];
  /** Second picture and content. */
  beside: readonly Footage[];
  seconds: number;
}

export function filmOf(recordings: readonly wire.Recording[]): Film {
  const finished = recordings.filter((r): r is Footage => r.seconds !== null && r.seconds > 0);
  const stretches: Stretch[] = [];
  let seconds = 0;
  for (const footage of finished.filter((f) => leads(f))) {
    stretches.push({ footage, start: seconds });
    seconds += footage.seconds;
  }
  return { stretches, beside: finished.filter((f) => !leads(f)), seconds };
}

const leads = (footage: Footage) => footage.track === "main" || footage.track === "sound";
const begins = (footage: Footage) => Date.parse(footage.began);

export interface Place {
  stretch: Stretch;
  /** Within its file. */
  seconds: number;
}

/** Which file is played at a place of the whole; null where nothing is recorded. */
export function placeAt(film: Film, at: number): Place | null {
  const stretch = film.stretches.findLast((s) => s.start <= at) ?? film.stretches[0];
  if (stretch === undefined) return null;
  return { stretch, seconds: Math.min(Math.max(at - stretch.start, 0), stretch.footage.seconds) };
}

/** Where a moment is; null where it was not recorded. */
export function secondsAt(film: Film, at: string): number | null {
  const moment = Date.parse(at);
  for (const { footage, start } of film.stretches) {
    const within = (moment - begins(footage)) / 1000;
    if (within >= 0 && within <= footage.seconds) return start + within;
  }
  return null;
}

/** The moment, in milliseconds since 1970, that a place shows. */
export function momentAt(film: Film, at: number): number | null {
  const place = placeAt(film, at);
  return place === null ? null : begins(place.stretch.footage) + place.seconds * 1000;
}

export interface Beside {
  footage: Footage;
  /** Within its file. */
  seconds: number;
}

/** What a slot showed at a moment beside the main picture; null where it showed nothing. */
export function besideAt(film: Film, slot: "second" | "content", moment: number): Beside | null {
  for (const footage of film.beside) {
    if (footage.track !== slot) continue;
    const seconds = (moment - begins(footage)) / 1000;
    if (seconds >= 0 && seconds < footage.seconds) return { footage, seconds };
  }
  return null;
}

/** Who was in which slot at a moment, by the record; for the names under the pictures. */
export function airedAt(record: wire.ConferenceRecord, moment: number): wire.Program {
  const found: wire.Program = { main: null, second: null, content: null };
  for (const span of record.aired)
    if (Date.parse(span.began) <= moment && (span.ended === null || moment < Date.parse(span.ended))) found[span.slot] = span.venue;
  return found;
}

export const LAYOUTS = ["seen", "side", "speaker", "content"] as const;
/** As the venues saw it, side by side, or one large with the other in its corner. */
export type Layout = (typeof LAYOUTS)[number];

/** How the pictures stand on the screen; the class name of the screen. */
export function screenOf(shown: Readonly<Record<wire.Slot, boolean>>, layout: Layout): string {
  const pictures = (shown.main ? 1 : 0) + (shown.second ? 1 : 0);
  if (!shown.content || pictures === 0) return shown.content ? "one" : ["empty", "one", "pair"][pictures]!;
  return `${layout}-${pictures === 1 ? "one" : "pair"}`;
}

/** What is to be done with a picture that follows another's time. */
export type Steering = { kind: "rate"; rate: number } | { kind: "seek"; to: number };

/** Farther off than this it is set anew, in seconds; nearer it is caught up with. */
const FAR = 0.3;
const NEAR = 0.015;

/** `lag`: how long setting it took the last time, in seconds. */
export function steering(wanted: number, actual: number, playing: boolean, rate: number, lag: number): Steering {
  const off = wanted - actual;
  if (!playing) return Math.abs(off) > NEAR ? { kind: "seek", to: wanted } : { kind: "rate", rate };
  if (Math.abs(off) > FAR) return { kind: "seek", to: wanted + Math.min(lag, 2) * rate };
  if (Math.abs(off) <= NEAR) return { kind: "rate", rate };
  return { kind: "rate", rate: rate * (1 + Math.min(Math.max(off, -0.15), 0.15)) };
}

export const SPEEDS = [1, 1.25, 1.5, 2] as const;
