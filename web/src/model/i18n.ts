import type { ErrorBody, Text } from "../protocol/wire";
import { Cell } from "./cell";
import { en } from "./texts.en";
import { zh } from "./texts.zh";

export type Locale = "zh" | "en";
export type Key = keyof typeof en;
export type Params = Readonly<Record<string, string | number>>;
export type Translate = (key: Key, params?: Params) => string;

const TABLES: Readonly<Record<Locale, Readonly<Record<Key, string>>>> = { zh, en };

/**
 * Fills `{name}` from the parameters, and `{n|venue|venues}` with one of the two words as `n`
 * is 1 or not. A missing parameter stays visible, so that a test or an eye finds it.
 */
export function fill(template: string, params: Params = {}): string {
  return template.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one, many) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (one === undefined) return String(value);
    return Number(value) === 1 ? one : many;
  });
}

export function translator(locale: Locale): Translate {
  const table = TABLES[locale];
  return (key, params) => fill(table[key], params);
}

export function pick(text: Text, locale: Locale): string {
  return text[locale] || text.zh || text.en;
}

export function errorText(error: ErrorBody, locale: Locale): string {
  return error[locale];
}

/** What the reader chose before, else what the browser prefers, else Chinese. */
export function initialLocale(stored: string | null, preferred: readonly string[]): Locale {
  if (stored === "zh" || stored === "en") return stored;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split("-")[0];
    if (language === "zh" || language === "en") return language;
  }
  return "zh";
}

export const locale = new Cell<Locale>("zh");
