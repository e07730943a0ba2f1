import type * as wire from "../protocol/wire";
import type { Api } from "./api";
import type { Locale } from "./i18n";
import { query } from "./work";

export interface ImportRequest {
  file: Blob;
  name: string;
  day: string;
  /** Of the list; empty where `newSource` names another. */
  source: string;
  newSource: wire.Text;
}

/** The situation over HTTP. */
export class SituationApi {
  constructor(private readonly api: Api) {}

  series(): Promise<wire.SituationSeries> {
    return this.api.request("GET", "/api/situation/series");
  }

  briefing(day: string, lang: Locale): Promise<wire.Briefing> {
    return this.api.request("GET", `/api/situation/briefing?${query({ day, lang })}`);
  }

  statistic(series: string, day: string): Promise<wire.KnownStatistic> {
    return this.api.request("GET", `/api/situation/statistics/${encodeURIComponent(series)}?${query({ day })}`);
  }

  imports(): Promise<{ batches: wire.FigureBatch[] }> {
    return this.api.request("GET", "/api/situation/imports");
  }

  bringIn(asked: ImportRequest, apply: boolean): Promise<wire.SituationImport> {
    const source = asked.source !== "" ? { source: asked.source } : { source_zh: asked.newSource.zh, source_en: asked.newSource.en };
    const values = { day: asked.day, name: asked.name, apply: String(apply), ...source };
    return this.api.request("POST", `/api/situation/import?${query(values)}`, { file: asked.file });
  }
}

/** The picture of a page; `version` makes it another address when figures came in. */
export function pictureUrl(briefing: wire.Briefing, page: string): string {
  const asked = query({ day: briefing.day, lang: briefing.language, version: briefing.version });
  return `/api/situation/pages/${encodeURIComponent(page)}.svg?${asked}`;
}

/** Pages with a chart; the others repeat sentences that the page shows as text. */
export function charts(briefing: wire.Briefing): wire.BriefingPage[] {
  return briefing.pages.filter((page) => !/^(summary|warnings)(_|$)/.test(page.id));
}

/** What somebody wants to know the origin of: a number of the text, or a whole chart. */
export interface Trace {
  heading: string;
  rule: wire.Text | null;
  figures: wire.PublishedFigure[];
}

export function traceNumber(briefing: wire.Briefing, text: string, number: wire.TracedNumber): Trace {
  return { heading: text, rule: number.rule?.text ?? null, figures: figuresAt(briefing, number.figures) };
}

export function traceChart(briefing: wire.Briefing, page: wire.BriefingPage): Trace {
  return { heading: page.title, rule: null, figures: figuresAt(briefing, page.figures) };
}

/** Every figure under the briefing that was not held against the release. */
export function traceUnverified(briefing: wire.Briefing, heading: string): Trace {
  return { heading, rule: null, figures: briefing.figures.filter((figure) => figure.check === "unverified") };
}

function figuresAt(briefing: wire.Briefing, places: readonly number[]): wire.PublishedFigure[] {
  return places.map((place) => briefing.figures[place]).filter((figure) => figure !== undefined);
}

/** As published: growth with one decimal and its sign where it falls, values as they are. */
export function figureText(figure: Pick<wire.PublishedFigure, "measure" | "value">, locale: Locale): string {
  if (figure.measure !== "value") return `${fixed(figure.value, 1)}%`;
  return new Intl.NumberFormat(locale === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 1 }).format(figure.value);
}

/** With a real minus sign, half away from zero. */
export function fixed(value: number, digits: number): string {
  const scale = 10 ** digits;
  const size = Math.round(Math.abs(value) * scale + 1e-9) / scale;
  return `${value < 0 && size > 0 ? "−" : ""}${size.toFixed(digits)}`;
}

/** Today here, as `<input type="date">` has it. */
export function localDay(moment: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** A day that was given in an address; null if it is none. */
export function givenDay(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text) ? text : null;
}

/** The page as of a day; from a conference, of that conference's. */
export function situationUrl(day: string): string {
  return `/situation?${query({ day })}`;
}

/** How old the newest figure is, as seen from `day`. */
export interface Age {
  /** On which the newest figure that was known came out. */
  newest: string;
  days: number;
  /** A month's release comes within seven weeks of the one before. */
  old: boolean;
}

const OLD = 50;

/** Null where nothing is known on `day`, or where newer figures are there than `day` shows. */
export function ageOf(series: wire.SituationSeries, day: string): Age | null {
  const newest = series.series.flatMap((one) => one.last_published ?? []).sort().at(-1);
  if (newest === undefined || newest > day) return null;
  const days = Math.round((Date.parse(day) - Date.parse(newest)) / 86_400_000);
  return { newest, days, old: days > OLD };
}

/** What of a statistic stands in one cell: growth of its last month, or of the year to date. */
export function headline(statistic: wire.KnownStatistic): { reading: wire.StatisticReading; number: wire.StatedNumber; growth: boolean } | null {
  for (const reading of [statistic.month, statistic.to_date]) {
    if (reading === null) continue;
    if (reading.growth !== null) return { reading, number: reading.growth, growth: true };
    if (reading.value !== null) return { reading, number: reading.value, growth: false };
  }
  return null;
}
