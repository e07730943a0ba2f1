import type { Quality } from "../protocol/wire";
import { percent } from "./format";
import type { Key } from "./i18n";

export type Grade = "good" | "fair" | "poor" | "unknown";

/** Loss as a share and round trip in seconds above which people notice in speech and picture. */
const FAIR = { loss: 0.02, rtt: 0.4 };
const POOR = { loss: 0.1, rtt: 0.8 };

export function grade(quality: Quality | null | undefined): Grade {
  if (quality === null || quality === undefined) return "unknown";
  if (exceeds(quality, POOR)) return "poor";
  return exceeds(quality, FAIR) ? "fair" : "good";
}

/** The figure that makes a connection less than good: "3.4 %" lost, or else "850 ms" for the way. */
export function complaint(quality: Quality): string {
  const { loss, rtt } = quality;
  return loss > FAIR.loss || rtt === null ? percent(loss) : `${Math.round(rtt * 1000)} ms`;
}

function exceeds({ loss, rtt }: Quality, limit: typeof FAIR): boolean {
  return loss > limit.loss || (rtt ?? 0) > limit.rtt;
}

export const GRADE_TEXT: Readonly<Record<Grade, Key>> = {
  good: "quality_good",
  fair: "quality_fair",
  poor: "quality_poor",
  unknown: "quality_unknown",
};
