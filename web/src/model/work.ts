import type * as wire from "../protocol/wire";
import type { Api } from "./api";
import type { Key } from "./i18n";

export const LIGHTS: readonly wire.Light[] = ["red", "amber", "green", "done", "none"];
export const STAGES: readonly wire.Stage[] = ["issued", "signed", "submitted", "verified", "closed", "withdrawn"];
export const RHYTHMS: readonly wire.Rhythm[] = ["weekly", "monthly", "quarterly", "once"];
export const RATINGS: readonly wire.Rating[] = ["on_track", "at_risk", "behind"];

/** The shape of a light: state is never told by colour alone. */
export const LIGHT_SHAPE = {
  red: "fault",
  amber: "waiting",
  green: "good",
  done: "done",
  none: "absent",
} as const satisfies Record<wire.Light, string>;

/** By measure: what its statistic said and says. */
export function byMeasure(outcomes: readonly wire.WorkOutcome[]): ReadonlyMap<string, wire.WorkOutcome> {
  return new Map(outcomes.flatMap((one) => one.measures.map((measure) => [measure, one] as const)));
}

export interface MatrixFilter {
  under: string | null;
  area: string;
  light: wire.Light | "";
  search: string;
  measuresFrom: number;
  organisationsFrom: number;
}

export const ROWS = 40;
export const COLUMNS = 12;

export const EVERYTHING: MatrixFilter = {
  under: null,
  area: "",
  light: "",
  search: "",
  measuresFrom: 0,
  organisationsFrom: 0,
};

/** What is given and not empty, as a query. */
export function query(values: Readonly<Record<string, string | number | boolean | null | undefined>>): string {
  const parts = Object.entries(values).filter(([, v]) => v !== null && v !== undefined && v !== "" && v !== false);
  return parts.map(([name, v]) => `${name}=${encodeURIComponent(String(v))}`).join("&");
}

/** The work over HTTP, for one programme. */
export class WorkApi {
  readonly #base: string;

  constructor(
    private readonly api: Api,
    readonly programme: string,
  ) {
    this.#base = `/api/work/programmes/${encodeURIComponent(programme)}`;
  }

  look(): Promise<wire.Programme> {
    return this.api.request("GET", this.#base);
  }

  command(command: wire.WorkCommand): Promise<{ seq: number; changed: boolean }> {
    return this.api.request("POST", `${this.#base}/commands`, { json: command });
  }

  matrix(filter: MatrixFilter): Promise<wire.Matrix> {
    const asked = query({
      under: filter.under,
      area: filter.area,
      light: filter.light,
      search: filter.search,
      measures_from: filter.measuresFrom,
      measures_size: ROWS,
      organisations_from: filter.organisationsFrom,
      organisations_size: COLUMNS,
    });
    return this.api.request("GET", `${this.#base}/matrix?${asked}`);
  }

  assignments(asked: Readonly<Record<string, string | number | boolean | null>>): Promise<{ lines: wire.AssignmentLine[]; total: number }> {
    return this.api.request("GET", `${this.#base}/assignments?${query(asked)}`);
  }

  assignment(measure: string, organisation: string): Promise<wire.AssignmentPage> {
    const path = `${encodeURIComponent(measure)}/${encodeURIComponent(organisation)}`;
    return this.api.request("GET", `${this.#base}/assignments/${path}`);
  }

  summary(): Promise<wire.WorkSummary> {
    return this.api.request("GET", `${this.#base}/summary`);
  }

  outcomes(): Promise<{ outcomes: wire.WorkOutcome[] }> {
    return this.api.request("GET", `${this.#base}/outcomes`);
  }

  calendar(first: string, last: string, organisation: string | null): Promise<wire.WorkCalendar> {
    return this.api.request("GET", `${this.#base}/calendar?${query({ first, last, organisation })}`);
  }

  feed(organisation: string | null): Promise<{ url: string }> {
    return this.api.request("POST", `${this.#base}/feed?${query({ organisation })}`);
  }

  importFile(kind: string, file: Blob, apply: boolean): Promise<wire.WorkImport> {
    return this.api.request("POST", `${this.#base}/import?${query({ kind, apply: String(apply) })}`, { file });
  }

  putFile(file: File): Promise<wire.Evidence> {
    // As bytes without a type: evidence is kept, never interpreted.
    return this.api.request("POST", `${this.#base}/files?${query({ name: file.name })}`, { file: new Blob([file]) });
  }

  exportUrl(kind: "measures" | "activities" | "assignments", format: "csv" | "xlsx", language: string): string {
    return `${this.#base}/export?${query({ kind, format, language })}`;
  }

  fileUrl(digest: string): string {
    return `${this.#base}/files/${digest}`;
  }
}

export function assignmentPath(programme: string, measure: string, organisation: string): string {
  return `/work/${[programme, "assignment", measure, organisation].map(encodeURIComponent).join("/")}`;
}

/** Names by identifier; what is not known is shown by its code. */
export class Names {
  readonly #bodies: ReadonlyMap<string, wire.WorkBody>;
  readonly #measures: ReadonlyMap<string, wire.Measure>;

  constructor(readonly programme: wire.Programme) {
    this.#bodies = new Map(programme.bodies.map((b) => [b.id, b]));
    this.#measures = new Map(programme.measures.map((m) => [m.id, m]));
  }

  body(id: string): wire.Text {
    return this.#bodies.get(id)?.name ?? { zh: id, en: id };
  }

  measure(id: string): wire.Text {
    return this.#measures.get(id)?.title ?? { zh: id, en: id };
  }

  measureOf(id: string): wire.Measure | undefined {
    return this.#measures.get(id);
  }

  parent(id: string): string | null {
    const parent = this.#bodies.get(id)?.parent ?? null;
    return parent !== null && this.#bodies.has(parent) ? parent : null;
  }

  rule(code: string): wire.Text {
    const rule = this.programme.rules.find((r) => r.code === code);
    return rule?.text ?? { zh: code, en: code };
  }

  /** Standing bodies directly below, in protocol order. */
  below(id: string): wire.WorkBody[] {
    return this.programme.bodies.filter((b) => b.parent === id && !b.abolished);
  }
}

/** Cells by measure and organisation, for drawing. */
export function cellMap(matrix: wire.Matrix): ReadonlyMap<string, wire.MatrixCell> {
  return new Map(matrix.cells.map((c) => [`${c.measure} ${c.organisation}`, c]));
}

export function sum(counts: wire.LightCounts): number {
  return counts.red + counts.amber + counts.green + counts.done + counts.none;
}

/** What stands first in a cell that only counts: the gravest light that occurs. */
export function gravest(counts: wire.LightCounts): wire.Light | null {
  return LIGHTS.find((light) => counts[light] > 0) ?? null;
}

export type SortKey = "organisation" | "measure" | "due" | "late";

/** By one column; equals keep the server's order, which is protocol order. */
export function sorted(lines: readonly wire.AssignmentLine[], key: SortKey, descending: boolean, names: Names, locale: "zh" | "en"): wire.AssignmentLine[] {
  const value = (line: wire.AssignmentLine): string | number =>
    key === "late" ? line.late : key === "due" ? line.due : key === "measure" ? names.measure(line.measure)[locale] : 0;
  const order = (a: wire.AssignmentLine, b: wire.AssignmentLine) => {
    const [x, y] = [value(a), value(b)];
    return typeof x === "string" && typeof y === "string" ? x.localeCompare(y, locale) : Number(x) - Number(y);
  };
  // Equals keep their order, whichever way.
  if (key !== "organisation") return [...lines].sort(descending ? (a, b) => order(b, a) : order);
  return descending ? [...lines].reverse() : [...lines];
}

const STEP: Readonly<Record<string, Key>> = {
  measures_issued: "step_measures_issued",
  signed: "step_signed",
  report_filed: "step_report_filed",
  extension_asked: "step_extension_asked",
  verified: "step_verified",
  sent_back: "step_sent_back",
  closed: "step_closed",
  reopened: "step_reopened",
  withdrawn: "step_withdrawn",
  escalated: "step_escalated",
  body_merged: "step_body_merged",
  body_moved: "step_body_moved",
};

export function stepKey(step: wire.WorkStep): Key {
  if (step.type === "report_filed" && step.details["completed"] === true) return "step_report_completed";
  if (step.type === "extension_answered") {
    return step.details["granted"] === true ? "step_extension_granted" : "step_extension_refused";
  }
  return STEP[step.type] ?? "step_measures_issued";
}

/** What was written with a step: a report's text, a reason, or a note. */
export function stepWords(step: wire.WorkStep): string {
  for (const name of ["text", "reason", "note"]) {
    const words = step.details[name];
    if (typeof words === "string" && words !== "") return words;
  }
  return "";
}

/** First and last day of a month, as ISO dates. `month` is `2023-04`. */
export function monthSpan(month: string): { first: string; last: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { first: `${month}-01`, last: `${month}-${String(days).padStart(2, "0")}` };
}

/** Where a calendar opens: this month, or the nearest one of the programme. */
export function firstMonth(programme: wire.Programme): string {
  const { today, starts_on: first, ends_on: last } = programme;
  return (today < first ? first : today > last ? last : today).slice(0, 7);
}

export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const index = year * 12 + number - 1 + by;
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/** `2023-04-29 – 2023-06-30`; where only the months are known, `2023-04 – 2023-06`. */
export function span(activity: wire.Activity): string {
  const { starts_on: first, ends_on: last } = activity;
  if (first === null || first === undefined) return "";
  const cut = (day: string) => (activity.exact === false ? day.slice(0, 7) : day);
  if (last === null || last === undefined || cut(last) === cut(first)) return cut(first);
  return `${cut(first)} – ${cut(last)}`;
}

export interface Figure {
  name: string;
  value: number;
  unit: string;
}

/** Lines of `name; value; unit`. The number of the first line that is none of these, from 1. */
export function figures(text: string): Figure[] | number {
  const found: Figure[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const [name = "", value = "", unit = "", ...more] = line.split(/[;；]/).map((part) => part.trim());
    const number = Number(value.replaceAll(",", ""));
    if (name === "" || value === "" || unit === "" || more.length > 0 || !Number.isFinite(number)) return i + 1;
    found.push({ name, value: number, unit });
  }
  return found;
}

/** The body itself, then those above it, the nearest first. */
export function pathTo(names: Names, id: string): string[] {
  const path: string[] = [];
  for (let at: string | null = id; at !== null && !path.includes(at); at = names.parent(at)) path.push(at);
  return path;
}
