import type { Locale } from "./i18n";
import type * as wire from "../protocol/wire";

export type Line = wire.ConferenceRecord["timeline"][number];

/** Topics of the timeline that a reader chooses from, with the kinds of entries under each. */
export const TOPICS = ["life", "agenda", "floor", "program", "venue", "telephone", "sound", "people", "minutes", "preparation"] as const;
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

export interface Position {
  recording: string;
  seconds: number;
}

/** Where in the finished recordings a moment is; null where it was not recorded. */
export function positionOf(recordings: readonly wire.Recording[], at: string): Position | null {
  const moment = Date.parse(at);
  for (const recording of recordings) {
    if (recording.seconds === null) continue;
    const seconds = (moment - Date.parse(recording.began)) / 1000;
    if (seconds >= 0 && seconds <= recording.seconds) return { recording: recording.id, seconds };
  }
  return null;
}

/** The newest line at a place of a recording; null before the first. */
export function lineAt(lines: readonly Line[], began: string, seconds: number): Line | null {
  const moment = Date.parse(began) + seconds * 1000;
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
  position: Position;
}

/** Where an item is first recorded; one that began before anything was, from the recording's beginning. */
function firstRecorded(recordings: readonly wire.Recording[], began: string, ended: string | null): Position | null {
  const within = positionOf(recordings, began);
  if (within !== null) return within;
  const next = recordings.find((r) => r.seconds !== null && Date.parse(r.began) >= Date.parse(began));
  const runs = next !== undefined && (ended === null || Date.parse(ended) > Date.parse(next.began));
  return runs ? { recording: next.id, seconds: 0 } : null;
}

/** The agenda items that are recorded. */
export function chaptersOf(record: wire.ConferenceRecord, recordings: readonly wire.Recording[]): Chapter[] {
  return record.agenda.flatMap((item) => {
    const position = item.began === null ? null : firstRecorded(recordings, item.began, item.ended);
    return position === null ? [] : [{ item: item.id, title: item.title, position }];
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
export const TABLES = ["timeline", "attendance", "people", "agenda", "floor", "incidents"] as const;

const path = (conference: string, rest: string) => `/api/conferences/${encodeURIComponent(conference)}/${rest}`;

export function exportUrl(conference: string, file: string, locale: Locale): string {
  return `${path(conference, `record/${file}`)}?lang=${locale}`;
}

export function recordingUrl(conference: string, id: string): string {
  return path(conference, `recordings/${encodeURIComponent(id)}`);
}

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
