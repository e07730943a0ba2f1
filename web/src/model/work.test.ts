import { describe, expect, it } from "vitest";
import type * as wire from "../protocol/wire";
import { byMeasure, figures, firstMonth, gravest, monthAfter, monthSpan, Names, pathTo, query, sorted, span, stepKey, stepWords, sum } from "./work";

const text = (name: string) => ({ zh: name, en: name });

function body(id: string, parent: string | null): wire.WorkBody {
  return { id, name: text(id.toUpperCase()), parent, level: "province", order: 0, abolished: false, successor: null };
}

function measure(id: string, name: string, due: string): wire.Measure {
  return { id, area: "x", title: text(name), due, detail: "", lead: [], cooperating: [], order: 0 };
}

function programme(): wire.Programme {
  return {
    id: "p", title: text("P"), owner: "hq", starts_on: "2023-01-01", ends_on: "2023-12-31", seq: 1, about: "",
    zone: "Asia/Shanghai", today: "2023-03-01", you: { organisation: "hq", owns: true },
    bodies: [body("hq", null), body("zj", "hq"), body("hz", "zj"), { ...body("old", "hq"), abolished: true }],
    areas: [], policies: [], activities: [],
    measures: [measure("b", "beta", "2023-12-31"), measure("a", "alpha", "2023-06-30")],
    rules: [{ code: "on_time", light: "green", text: text("fine") }],
  };
}

function line(measure: string, organisation: string, late: number, due = "2023-12-31"): wire.AssignmentLine {
  return { measure, organisation, issuer: "hq", duty: "lead", stage: "signed", light: "green", rule: "on_time", rating: null, due, report_due: null, late, escalation: "none", extension: null };
}

function step(type: string, details: Record<string, unknown>): wire.WorkStep {
  return { seq: 1, at: "2023-03-01T00:00:00Z", by: { role: "liaison", organisation: "zj" }, type, details };
}

describe("names", () => {
  const names = new Names(programme());

  it("shows what it does not know by its code", () => {
    expect(names.body("zj").en).toBe("ZJ");
    expect(names.body("elsewhere").en).toBe("elsewhere");
    expect(names.measure("none").zh).toBe("none");
    expect(names.rule("on_time").en).toBe("fine");
  });

  it("knows the way up, and who stands below", () => {
    expect(pathTo(names, "hz")).toEqual(["hz", "zj", "hq"]);
    expect(names.below("hq").map((b) => b.id)).toEqual(["zj"]);
  });

  it("ends the way up at what the reader may not name", () => {
    const part = programme();
    part.bodies = part.bodies.filter((b) => b.id !== "hq");
    expect(pathTo(new Names(part), "hz")).toEqual(["hz", "zj"]);
  });
});

describe("queries", () => {
  it("leave out what is empty and escape the rest", () => {
    expect(query({ a: "", b: null, c: undefined, d: false, e: 0, f: "x&y", g: true })).toBe("e=0&f=x%26y&g=true");
  });
});

describe("counts", () => {
  const counts = { red: 0, amber: 2, green: 5, done: 1, none: 0 };
  it("name the gravest light", () => {
    expect(gravest(counts)).toBe("amber");
    expect(gravest({ red: 0, amber: 0, green: 0, done: 0, none: 0 })).toBeNull();
    expect(sum(counts)).toBe(8);
  });
});

describe("sorting", () => {
  const names = new Names(programme());
  const lines = [line("b", "zj", 3), line("a", "zj", 9, "2023-06-30"), line("b", "hz", 3)];
  const ids = (sortedLines: wire.AssignmentLine[]) => sortedLines.map((l) => `${l.measure}${l.organisation}`);

  it("keeps protocol order among equals", () => {
    expect(ids(sorted(lines, "late", false, names, "en"))).toEqual(["bzj", "bhz", "azj"]);
    expect(ids(sorted(lines, "late", true, names, "en"))).toEqual(["azj", "bzj", "bhz"]);
    expect(ids(sorted(lines, "organisation", false, names, "en"))).toEqual(["bzj", "azj", "bhz"]);
    expect(ids(sorted(lines, "organisation", true, names, "en"))).toEqual(["bhz", "azj", "bzj"]);
  });

  it("sorts by title and by day", () => {
    expect(ids(sorted(lines, "measure", false, names, "en"))).toEqual(["azj", "bzj", "bhz"]);
    expect(ids(sorted(lines, "due", true, names, "en"))[2]).toBe("azj");
  });
});

describe("outcomes", () => {
  it("are found by each of their measures", () => {
    const one: wire.WorkOutcome = { statistic: { series: "s", name: text("S") }, measures: ["a", "b"], deployed: null, then: null, now: null };
    const found = byMeasure([one]);
    expect([found.get("a"), found.get("b"), found.get("c")]).toEqual([one, one, undefined]);
  });
});

describe("steps", () => {
  it("have words of their own", () => {
    expect(stepKey(step("report_filed", { completed: true }))).toBe("step_report_completed");
    expect(stepKey(step("report_filed", { completed: false }))).toBe("step_report_filed");
    expect(stepKey(step("extension_answered", { granted: false }))).toBe("step_extension_refused");
    expect(stepWords(step("sent_back", { reason: "why" }))).toBe("why");
    expect(stepWords(step("signed", {}))).toBe("");
  });
});

describe("the calendar", () => {
  it("knows its months", () => {
    expect(monthSpan("2024-02")).toEqual({ first: "2024-02-01", last: "2024-02-29" });
    expect(monthAfter("2023-12", 1)).toBe("2024-01");
    expect(monthAfter("2023-01", -1)).toBe("2022-12");
  });

  it("opens within the programme", () => {
    expect(firstMonth(programme())).toBe("2023-03");
    expect(firstMonth({ ...programme(), today: "2026-11-26" })).toBe("2023-12");
    expect(firstMonth({ ...programme(), today: "2022-11-26" })).toBe("2023-01");
  });

  it("says days where they are known and months where not", () => {
    const activity = { id: "a", kind: "theme", title: text("A"), starts_on: "2023-04-01", ends_on: "2023-06-30", exact: true } as wire.Activity;
    expect(span(activity)).toBe("2023-04-01 – 2023-06-30");
    expect(span({ ...activity, exact: false })).toBe("2023-04 – 2023-06");
    expect(span({ ...activity, ends_on: null })).toBe("2023-04-01");
    expect(span({ ...activity, starts_on: null })).toBe("");
  });
});

describe("figures", () => {
  it("are lines of three parts", () => {
    expect(figures("销售额； 1,234.5 ；亿元\n\nevents; 12; events")).toEqual([
      { name: "销售额", value: 1234.5, unit: "亿元" },
      { name: "events", value: 12, unit: "events" },
    ]);
    expect(figures("")).toEqual([]);
  });

  it("name the line that is wrong", () => {
    expect(figures("a; 1; b\nc; x; d")).toBe(2);
    expect(figures("a; 1")).toBe(1);
    expect(figures("a; 1; b; c")).toBe(1);
  });
});
