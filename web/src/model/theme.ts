import { Cell } from "./cell";

export type Theme = "light" | "dark";
export type Family = "room" | "desk";

/** Console, station and wall stand in dimmed rooms; the rest is desk work. */
export function familyOf(path: string): Family {
  return /^\/(console|station|wall)(\/|$)/.test(path) ? "room" : "desk";
}

export function initialTheme(stored: string | null, family: Family): Theme {
  if (stored === "light" || stored === "dark") return stored;
  return family === "room" ? "dark" : "light";
}

export function storageKey(family: Family): string {
  return `podium.theme.${family}`;
}

export const theme = new Cell<Theme>("dark");
