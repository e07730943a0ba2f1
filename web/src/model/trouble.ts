import type { Phase, Venue } from "../protocol/wire";
import type { ConferenceView } from "./conference";
import type { Key } from "./i18n";
import { onTelephone } from "./telephone";

export type Severity = "fault" | "warning";

export interface Trouble {
  severity: Severity;
  /** Text of what is wrong, without the venue's name. */
  key: Key;
}

const REASONS: Readonly<Record<string, Key>> = {
  left: "reason_left",
  network: "reason_network",
  superseded: "reason_superseded",
  media: "reason_media",
  slow: "reason_slow",
  server: "reason_server",
  withdrawn: "reason_withdrawn",
};

export function reasonKey(reason: string | null): Key {
  return (reason !== null && REASONS[reason]) || "reason_unknown";
}

/** The worst thing about a venue, or null if it is well. Absence counts once it is expected. */
export function troubleOf(venue: Venue, phase: Phase): Trouble | null {
  if (phase === "closed") return null;
  if (venue.call?.noisy === true) return { severity: "warning", key: "trouble_noisy" };
  if (onTelephone(venue) && venue.connection === "lost") return { severity: "warning", key: "trouble_on_telephone" };
  if (onTelephone(venue) && venue.connection === "absent") return null;
  if (venue.kind === "guest" && venue.connection === "absent") return null;
  switch (venue.connection) {
    case "lost":
      return { severity: "fault", key: reasonKey(venue.reason) };
    case "absent":
      return phase === "in_session" ? { severity: "warning", key: "trouble_absent" } : null;
    case "connecting":
      return deviceTrouble(venue) ?? null;
    case "degraded":
      return deviceTrouble(venue) ?? { severity: "warning", key: reasonKey(venue.reason) };
    case "connected":
      return deviceTrouble(venue) ?? blindTrouble(venue);
  }
}

function deviceTrouble(venue: Venue): Trouble | null {
  const camera = DEVICE_TROUBLE.camera[venue.camera];
  if (camera !== undefined) return { severity: "fault", key: camera };
  const microphone = DEVICE_TROUBLE.microphone[venue.microphone_device];
  return microphone === undefined ? null : { severity: "fault", key: microphone };
}

const DEVICE_TROUBLE: Readonly<Record<"camera" | "microphone", Readonly<Record<string, Key>>>> = {
  camera: {
    denied: "trouble_camera_denied",
    missing: "trouble_camera_missing",
    failed: "trouble_camera_failed",
  },
  microphone: {
    denied: "trouble_microphone_denied",
    missing: "trouble_microphone_missing",
    failed: "trouble_microphone_failed",
  },
};

function blindTrouble(venue: Venue): Trouble | null {
  return venue.blind.length === 0 ? null : { severity: "warning", key: "trouble_blind" };
}

export interface VenueTrouble extends Trouble {
  venue: Venue;
}

/** Everything that is wrong: faults before warnings, each in protocol order. */
export function troubles(view: ConferenceView): VenueTrouble[] {
  const all: VenueTrouble[] = [];
  for (const venue of view.venues.values()) {
    const trouble = troubleOf(venue, view.phase);
    if (trouble !== null) all.push({ ...trouble, venue });
  }
  return [...all.filter((t) => t.severity === "fault"), ...all.filter((t) => t.severity === "warning")];
}
