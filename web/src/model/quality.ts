import type { Quality } from "../protocol/wire";
import type { Key } from "./i18n";

export type Grade = "good" | "fair" | "poor" | "unknown";

/** Loss as a share, round trip in seconds: what people notice in speech and picture. */
export function grade(quality: Quality | null | undefined): Grade {
  if (quality === null || quality === undefined) return "unknown";
  const { loss, rtt } = quality;
  if (loss > 0.1 || (rtt ?? 0) > 0.8) return "poor";
  return loss > 0.02 || (rtt ?? 0) > 0.4 ? "fair" : "good";
}

export const GRADE_TEXT: Readonly<Record<Grade, Key>> = {
  good: "quality_good",
  fair: "quality_fair",
  poor: "quality_poor",
  unknown: "quality_unknown",
};
