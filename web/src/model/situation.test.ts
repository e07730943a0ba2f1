import { describe, expect, it } from "vitest";
import type * as wire from "../protocol/wire";
import { Api } from "./api";
import { ageOf, charts, figureText, fixed, givenDay, headline, localDay, pictureUrl, SituationApi, situationUrl, traceChart, traceNumber, traceUnverified } from "./situation";

const name = { zh: "甲", en: "A" };
const figure = (value: number, measure: wire.PublishedFigure["measure"] = "growth"): wire.PublishedFigure => ({ series: "a", name, measure, period: { id: "2022-12", label: name }, value, unit: name, published: "2023-01-17", source: name, check: "verified", against: name });
const page = (id: string, figures: number[] = []): wire.BriefingPage => ({ id, title: id, source: "", as_of: "", note: "", figures });

function briefing(): wire.Briefing {
  return {
    day: "2023-03-01",
    language: "zh",
    version: 3,
    title: "T",
    statements: [],
    flags: [],
    pages: [page("summary"), page("summary_2"), page("growth", [1]), page("warnings")],
    figures: [figure(1), figure(2)],
  };
}

describe("a briefing", () => {
  it("shows charts, and as text what is text", () => {
    expect(charts(briefing()).map((p) => p.id)).toEqual(["growth"]);
  });

  it("has other pictures when figures came in", () => {
    expect(pictureUrl(briefing(), "growth")).toBe("/api/situation/pages/growth.svg?day=2023-03-01&lang=zh&version=3");
  });

  it("traces a number to what was published", () => {
    const rule = { code: "change", text: name };
    expect(traceNumber(briefing(), "3.0", { value: 3, rule, figures: [1, 0] })).toEqual({ heading: "3.0", rule: name, figures: [figure(2), figure(1)] });
    expect(traceNumber(briefing(), "3.0", { value: 3, rule: null, figures: [9] }).figures).toEqual([]);
    expect(traceChart(briefing(), page("growth", [1])).figures).toEqual([figure(2)]);
  });

  it("lists what was not held against the release", () => {
    const doubtful = { ...figure(3), check: "unverified" as const };
    const found = traceUnverified({ ...briefing(), figures: [figure(1), doubtful] }, "Not verified");
    expect(found).toEqual({ heading: "Not verified", rule: null, figures: [doubtful] });
  });
});

describe("numbers", () => {
  it("are written as statistics offices do", () => {
    expect(figureText(figure(-11.1), "en")).toBe("−11.1%");
    expect(figureText(figure(3), "zh")).toBe("3.0%");
    expect(figureText(figure(439733, "value"), "en")).toBe("439,733");
    expect([0.05, -0.05, 0.04, -0.04, 2.25].map((n) => fixed(n, 1))).toEqual(["0.1", "−0.1", "0.0", "0.0", "2.3"]);
  });
});

describe("days", () => {
  it("come from the address only if they are days", () => {
    expect(givenDay("2023-03-01")).toBe("2023-03-01");
    for (const wrong of [null, "", "2023-3-1", "2023-02-30", "today"]) expect(givenDay(wrong)).toBeNull();
    expect(localDay(new Date(2023, 2, 1, 23, 30))).toBe("2023-03-01");
  });
});

describe("the newest figure", () => {
  const series = (...days: (string | null)[]) => ({ series: days.map((last_published) => ({ last_published })) }) as wire.SituationSeries;

  it("is as old as the day that is asked for says", () => {
    const known = series("2023-12-15", "2024-01-17", null);
    expect(ageOf(known, "2024-01-17")).toEqual({ newest: "2024-01-17", days: 0, old: false });
    expect(ageOf(known, "2024-03-07")?.old).toBe(false);
    expect(ageOf(known, "2026-11-26")).toEqual({ newest: "2024-01-17", days: 1044, old: true });
  });

  it("is not spoken of on a day in the past", () => {
    expect(ageOf(series("2024-01-17"), "2023-03-01")).toBeNull();
    expect(ageOf(series(null), "2023-03-01")).toBeNull();
  });

  it("has an address of its own day", () => {
    expect(situationUrl("2023-03-01")).toBe("/situation?day=2023-03-01");
  });
});

describe("a statistic", () => {
  const stated = (value: number): wire.StatedNumber => ({ value, rule: null, figures: [] });
  const reading = (growth: number | null, value: number | null = null): wire.StatisticReading => ({ period: { id: "2022-12", label: name }, growth: growth === null ? null : stated(growth), value: value === null ? null : stated(value) });
  const statistic = (month: wire.StatisticReading | null, to_date: wire.StatisticReading | null) => ({ month, to_date }) as wire.KnownStatistic;

  it("is the last month's growth, else the year's, else a value", () => {
    expect(headline(statistic(reading(1), reading(2)))?.number.value).toBe(1);
    expect(headline(statistic(null, reading(2)))?.number.value).toBe(2);
    expect(headline(statistic(reading(null, 5), null))).toMatchObject({ growth: false, number: { value: 5 } });
    expect(headline(statistic(null, null))).toBeNull();
  });
});

describe("an import", () => {
  it("names a known source, or a new one", async () => {
    const asked: string[] = [];
    const api = new Api(async (path) => {
      asked.push(String(path));
      return new Response("{}");
    });
    const situation = new SituationApi(api);
    const request = { file: new Blob(["x"]), name: "a.csv", day: "2024-05-17", source: "nbs", newSource: { zh: "局", en: "Bureau" } };
    await situation.bringIn(request, false);
    await situation.bringIn({ ...request, source: "" }, true);
    expect(asked).toEqual([
      "/api/situation/import?day=2024-05-17&name=a.csv&apply=false&source=nbs",
      `/api/situation/import?day=2024-05-17&name=a.csv&apply=true&source_zh=${encodeURIComponent("局")}&source_en=Bureau`,
    ]);
  });
});
