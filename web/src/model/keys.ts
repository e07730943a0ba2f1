/** A pressed key, as far as shortcuts care. */
export interface Pressed {
  key: string;
  ctrl: boolean;
  alt: boolean;
  meta: boolean;
  repeat: boolean;
  /** A Chinese word is being composed. */
  composing: boolean;
  /** The focus is in something that takes text or that uses the key itself. */
  typing: boolean;
}

/** Which shortcut is meant, or null. Keys are given in lower case. */
export function shortcut<A extends string>(table: Readonly<Record<string, A>>, pressed: Pressed): A | null {
  if (pressed.ctrl || pressed.alt || pressed.meta || pressed.repeat) return null;
  if (pressed.composing || pressed.typing) return null;
  const key = pressed.key.toLowerCase();
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}

const TEXT_INPUTS = new Set(["button", "checkbox", "radio", "range", "color", "file", "submit", "reset"]);

/** True for text fields, choices and anything editable. */
export function takesText(tag: string, type: string | null, editable: boolean): boolean {
  if (editable) return true;
  const name = tag.toLowerCase();
  if (name === "textarea" || name === "select") return true;
  return name === "input" && !TEXT_INPUTS.has((type ?? "text").toLowerCase());
}

export function fromEvent(event: KeyboardEvent): Pressed {
  const target = event.target instanceof HTMLElement ? event.target : null;
  return {
    key: event.key,
    ctrl: event.ctrlKey,
    alt: event.altKey,
    meta: event.metaKey,
    repeat: event.repeat,
    // 229: some input methods send the first letter before they say that they compose.
    composing: event.isComposing || event.keyCode === 229,
    typing:
      target !== null && takesText(target.tagName, target.getAttribute("type"), target.isContentEditable),
  };
}

export type ConsoleAction =
  | "take"
  | "main"
  | "search"
  | "preview"
  | "grant"
  | "microphone"
  | "slide_previous"
  | "slide_next"
  | "help"
  | "escape";

export const CONSOLE_KEYS: Readonly<Record<string, ConsoleAction>> = {
  t: "take",
  m: "main",
  f: "search",
  "/": "search",
  p: "preview",
  g: "grant",
  o: "microphone",
  pageup: "slide_previous",
  pagedown: "slide_next",
  "?": "help",
  "？": "help",
  escape: "escape",
};
