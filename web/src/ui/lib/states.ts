import type { Key } from "../../model/i18n";
import { onTelephone } from "../../model/telephone";
import type { Trouble } from "../../model/trouble";
import type { Attachment, DeviceState, MicrophoneState, Slot, Venue } from "../../protocol/wire";

export type ShapeKind = "good" | "waiting" | "absent" | "fault";

export const CONNECTION_SHAPE: Readonly<Record<Attachment, ShapeKind>> = {
  connected: "good",
  degraded: "waiting",
  connecting: "waiting",
  absent: "absent",
  lost: "fault",
};

/** A venue that is on the telephone alone is here; one that lost its video, less well. */
export function shapeOf(venue: Venue, trouble: Trouble | null): ShapeKind {
  if (trouble?.severity === "fault") return "fault";
  if (!onTelephone(venue)) return CONNECTION_SHAPE[venue.connection];
  return venue.connection === "absent" ? "good" : venue.connection === "lost" ? "waiting" : CONNECTION_SHAPE[venue.connection];
}

export function connectionText(venue: Venue): Key {
  const away = venue.connection === "absent" || venue.connection === "lost";
  return onTelephone(venue) && away ? "connection_telephone" : CONNECTION_TEXT[venue.connection];
}

export const CONNECTION_TEXT: Readonly<Record<Attachment, Key>> = {
  connected: "connection_connected",
  degraded: "connection_degraded",
  connecting: "connection_connecting",
  absent: "connection_absent",
  lost: "connection_lost",
};

export const DEVICE_SHAPE: Readonly<Record<DeviceState, ShapeKind>> = {
  working: "good",
  unknown: "absent",
  denied: "fault",
  missing: "fault",
  failed: "fault",
};

export const DEVICE_TEXT: Readonly<Record<DeviceState, Key>> = {
  working: "device_working",
  unknown: "device_unknown",
  denied: "device_denied",
  missing: "device_missing",
  failed: "device_failed",
};

export const MICROPHONE_TEXT: Readonly<Record<MicrophoneState, Key>> = {
  open: "mic_state_open",
  closed_by_chair: "mic_state_closed_by_chair",
  closed_at_venue: "mic_state_closed_at_venue",
};

export const SLOT_TEXT: Readonly<Record<Slot, Key>> = {
  main: "slot_main",
  second: "slot_second",
  content: "slot_content",
};
