import type { Call, CallEnd, LogEntry, Telephone, Venue } from "../protocol/wire";
import type { ConferenceView } from "./conference";
import type { Key, Translate } from "./i18n";

/** A call that stands: from the wish for it to its end. */
export type StandingStage = Exclude<Call["stage"], "idle" | "ended">;

/** The venue hears the conference by telephone. Stations know no calls of others. */
export function onTelephone(venue: Venue): boolean {
  return venue.call?.stage === "joined";
}

/** It attends by telephone alone: there is nothing of it to be seen. */
export function soundOnly(venue: Venue): boolean {
  return onTelephone(venue) && (venue.connection === "absent" || venue.connection === "lost");
}

export function standingStage(call: Call | null | undefined): StandingStage | null {
  if (call === null || call === undefined) return null;
  return call.stage === "ended" || call.stage === "idle" ? null : call.stage;
}

export function isGuest(venue: Venue): boolean {
  return venue.kind === "guest";
}

export function endKey(reason: CallEnd): Key {
  return `call_end_${reason}`;
}

/** The state of a call in words, never just "not connected". */
export function callWords(call: Call, t: Translate): string {
  const stage = standingStage(call);
  const reason = call.reason === null ? null : t(endKey(call.reason));
  if (stage === null) return reason === null ? "" : t("call_over", { reason });
  const now = t(`call_${stage}`);
  return reason === null ? now : t("call_after", { now, reason });
}

/** The call as an entry of the log tells of it. */
export function callOf(event: LogEntry["event"]): Call {
  const ended = event.type === "call_ended";
  const reason = (event[ended ? "reason" : "setback"] ?? null) as CallEnd | null;
  const stage = ended ? "ended" : (event["stage"] as Call["stage"]);
  return { stage, purpose: "called", since: "", number: null, reason, noisy: false };
}

const MEANT: ReadonlySet<CallEnd> = new Set(["released", "video_back", "over", "replaced", "hung_up", "pin_revoked"]);

/** The call ended otherwise than somebody wished. */
export function failed(call: Call | null | undefined): boolean {
  return call?.stage === "ended" && call.reason !== null && !MEANT.has(call.reason);
}

export interface Unconnected {
  /** Venues that "call unconnected" would call. */
  callable: Venue[];
  /** Not here, and without a number. */
  numberless: number;
}

/** As the core decides it: neither here, nor excused, nor on a call. */
export function unconnected(view: ConferenceView): Unconnected {
  const away = [...view.venues.values()].filter(
    (v) =>
      !isGuest(v) &&
      !v.excused &&
      (v.connection === "absent" || v.connection === "lost") &&
      standingStage(v.call) === null,
  );
  const callable = away.filter((v) => v.telephones.length > 0);
  return { callable, numberless: away.length - callable.length };
}

export function guests(view: ConferenceView): Venue[] {
  return [...view.venues.values()].filter(isGuest);
}

/** What a person typed, as it is dialled; null if it is no number. Full-width digits count. */
export function dialable(text: string): string | null {
  const plain = text.normalize("NFKC").replace(/[\s().\-–—·]/g, "");
  return /^\+?[0-9]{2,20}$/.test(plain) ? plain : null;
}

export type Lines = "none" | "good" | "some" | "down";

/** How the telephone stands: `none` is not configured at all. */
export function lines({ number, trunks }: Telephone): Lines {
  if (number === null && trunks.length === 0) return "none";
  const working = trunks.filter((t) => t.condition === "registered" || t.condition === "reachable").length;
  if (working === trunks.length) return "good";
  return working > 0 ? "some" : "down";
}
