import { describe, expect, it } from "vitest";
import { CONSOLE_KEYS, shortcut, takesText, type Pressed } from "./keys";

const KEY: Pressed = { key: "t", ctrl: false, alt: false, meta: false, repeat: false, composing: false, typing: false };

describe("keyboard", () => {
  it("knows its keys in either case and in either width", () => {
    expect(shortcut(CONSOLE_KEYS, KEY)).toBe("take");
    expect(shortcut(CONSOLE_KEYS, { ...KEY, key: "M" })).toBe("main");
    expect(shortcut(CONSOLE_KEYS, { ...KEY, key: "？" })).toBe("help");
    expect(shortcut(CONSOLE_KEYS, { ...KEY, key: "x" })).toBeNull();
    expect(shortcut(CONSOLE_KEYS, { ...KEY, key: "constructor" })).toBeNull();
  });

  it.each(["ctrl", "alt", "meta", "repeat", "composing", "typing"] as const)("is silent: %s", (what) => {
    expect(shortcut(CONSOLE_KEYS, { ...KEY, [what]: true })).toBeNull();
  });

  it("tells text fields from buttons", () => {
    expect(takesText("INPUT", null, false)).toBe(true);
    expect(takesText("INPUT", "search", false)).toBe(true);
    expect(takesText("TEXTAREA", null, false)).toBe(true);
    expect(takesText("SELECT", null, false)).toBe(true);
    expect(takesText("DIV", null, true)).toBe(true);
    expect(takesText("INPUT", "checkbox", false)).toBe(false);
    expect(takesText("BUTTON", null, false)).toBe(false);
  });
});
