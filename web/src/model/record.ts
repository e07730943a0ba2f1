import type { Locale } from "./i18n";
import { secondsAt, type Film } from "./playback";
import type * as wire from "../protocol/wire";

export type Line = wire.ConferenceRecord["timeline"][number];

/** Topics of the timeline that a reader chooses from, with the kinds of entries under each. */
export const TOPICS = ["life", "agenda", "floor", "program", "venue", "telephone", "sound", "people", "minutes", "documents", "preparation"] as const;
export type Topic = (typeof TOPICS)[number];

/** The lines that hold every word of the query, in either language, and are of the topic. */
export function searched(lines: readonly Line[], query: string, topic: Topic | null, seqs: ReadonlySet<number> | null): Line[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter((word) => word !== "");
  return lines.filter((line) => {
    if (seqs !== null) return seqs.has(line.seq);
    if (topic !== null && line.topic !== topic) return false;
    const text = `${line.words.zh} ${line.words.en}`.toLowerCase();
    return words.every((word) => text.includes(word) || String(line.seq) === word);
  });
}

/** The newest line at a moment, in milliseconds since 1970; null before the first. */
export function lineAt(lines: readonly Line[], moment: number): Line | null {
  let found: Line | null = null;
  for (const line of lines) {
    if (Date.parse(line.at) > moment) break;
    found = line;
  }
  return found;
}

export interface Chapter {
  item: string;
  title: wire.Text;
  /** In the film. */
  seconds: number;
}

/** Where an item is first recorded; one that began before anything was, from where it first is. */
function firstRecorded(film: Film, began: string, ended: string | null): number | null {
  const within = secondsAt(film, began);
  if (within !== null) return within;
  const next = film.stretches.find(({ footage }) => Date.parse(footage.began) >= Date.parse(began));
  const runs = next !== undefined && (ended === null || Date.parse(ended) > Date.parse(next.footage.began));
  return runs ? next.start : null;
}

/** The agenda items that are recorded. */
export function chaptersOf(record: wire.ConferenceRecord, film: Film): Chapter[] {
  return record.agenda.flatMap((item) => {
    const seconds = item.began === null ? null : firstRecorded(film, item.began, item.ended);
    return seconds === null ? [] : [{ item: item.id, title: item.title, seconds }];
  });
}

export interface Part {
  kind: "same" | "added" | "removed";
  text: string;
}

/** What was changed between two texts: by words in English, by characters in Chinese. */
export function difference(before: string, after: string, locale: Locale): Part[] {
  const cut = (text: string) => (locale === "zh" ? [...text] : (text.match(/\s+|[^\s]+/g) ?? []));
  const a = cut(before);
  const b = cut(after);
  if (a.length * b.length > 1_000_000) return [{ kind: "removed", text: before }, { kind: "added", text: after }];
  const longest = table(a, b);
  const parts: Part[] = [];
  const put = (kind: Part["kind"], text: string) => {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      put("same", a[i++]!);
      j++;
    } else if (j < b.length && (i === a.length || longest[i]![j + 1]! >= longest[i + 1]![j]!)) put("added", b[j++]!);
    else put("removed", a[i++]!);
  }
  return parts;
}

/** Lengths of the longest common subsequences of the texts' ends. */
function table(a: readonly string[], b: readonly string[]): number[][] {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      rows[i]![j] = a[i] === b[j] ? rows[i + 1]![j + 1]! + 1 : Math.max(rows[i + 1]![j]!, rows[i]![j + 1]!);
  return rows;
}

export const PAPERS = ["record.pdf", "record.docx", "record.json", "minutes.pdf", "minutes.docx"] as const;
export const TABLES = ["timeline", "attendance", "people", "agenda", "floor", "aired", "incidents", "documents", "measures"] as const;

const path = (conference: string, rest: string) => `/api/conferences/${encodeURIComponent(conference)}/${rest}`;

export function exportUrl(conference: string, file: string, locale: Locale): string {
  return `${path(conference, `record/${file}`)}?lang=${locale}`;
}

export function documentUrl(conference: string, id: string): string {
  return path(conference, `documents/${encodeURIComponent(id)}`);
}

export function recordingUrl(conference: string, id: string): string {
  return path(conference, `recordings/${encodeURIComponent(id)}`);
}

/** Everything that is recorded, in one file for players outside the page. */
export const WHOLE = "program.mkv";

type Ask = <T>(method: string, path: string, body?: { json: unknown }) => Promise<T>;

/** The record's part of the API. */
export class RecordApi {
  constructor(
    private readonly ask: Ask,
    readonly conference: string,
  ) {}

  record(): Promise<wire.ConferenceRecord> {
    return this.ask("GET", path(this.conference, "record"));
  }

  async recordings(): Promise<wire.Recording[]> {
    return (await this.ask<{ recordings: wire.Recording[] }>("GET", path(this.conference, "recordings"))).recordings;
  }

  communique(): Promise<wire.Communique> {
    return this.ask("GET", path(this.conference, "communique"));
  }

  edit(seen: number, edit: wire.CommuniqueEdit): Promise<wire.Communique> {
    return this.ask("POST", path(this.conference, "communique"), { json: { seen, edit } });
  }
}
