import type { Attendee, Organisation, Text } from "../protocol/wire";

/** One line of the sign-in form. What is left empty in English repeats the Chinese. */
export interface Row {
  name: string;
  nameEn: string;
  title: string;
  titleEn: string;
  organisation: string;
  part: Attendee["part"];
}

/** Most people that the server takes of one venue. */
export const MOST = 200;
export const PARTS: readonly Attendee["part"][] = ["attends", "presides", "speaks"];

export function emptyRow(organisation: string): Row {
  return { name: "", nameEn: "", title: "", titleEn: "", organisation, part: "attends" };
}

export function rowsOf(people: readonly Attendee[]): Row[] {
  const other = (text: Text) => (text.en === text.zh ? "" : text.en);
  return people.map((one) => ({
    name: one.name.zh,
    nameEn: other(one.name),
    title: one.title.zh,
    titleEn: other(one.title),
    organisation: one.organisation.zh,
    part: one.part,
  }));
}

/** What is wrong with the form: a line that lacks something, counted from 1; or somebody twice. */
export type Fault = { kind: "incomplete"; line: number } | { kind: "twice"; line: number } | null;

/** The lines that somebody has begun to fill. */
export function filled(rows: readonly Row[]): Row[] {
  return rows.filter((row) => `${row.name}${row.nameEn}${row.title}${row.titleEn}`.trim() !== "");
}

export function faultOf(rows: readonly Row[]): Fault {
  const seen = new Set<string>();
  for (const [i, row] of filled(rows).entries()) {
    if ([row.name, row.title, row.organisation].some((text) => text.trim() === ""))
      return { kind: "incomplete", line: i + 1 };
    const key = JSON.stringify([row.name, row.title, row.organisation].map((text) => text.trim()));
    if (seen.has(key)) return { kind: "twice", line: i + 1 };
    seen.add(key);
  }
  return null;
}

export function peopleOf(rows: readonly Row[], organisations: readonly Organisation[]): Attendee[] {
  const known = new Map(organisations.flatMap((o) => [[o.name.zh, o.name], [o.name.en, o.name]] as const));
  const text = (zh: string, en: string): Text => ({ zh: zh.trim(), en: en.trim() || zh.trim() });
  return filled(rows).map((row) => ({
    name: text(row.name, row.nameEn),
    title: text(row.title, row.titleEn),
    organisation: known.get(row.organisation.trim()) ?? text(row.organisation, ""),
    part: row.part,
  }));
}
