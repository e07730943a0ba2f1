import type { Venue } from "../protocol/wire";

/** The venue hears the conference by telephone. */
export function onTelephone(venue: Venue): boolean {
  return venue.call?.stage === "joined";
}
