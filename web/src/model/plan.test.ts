import { describe, expect, it } from "vitest";
import type { Programme } from "../protocol/wire";
import { activityDraft, bodiesOf, isFault, measureDraft, NEW_AREA, planned, policyDraft } from "./plan";
import { Names } from "./work";

const text = (zh: string, en = zh) => ({ zh, en });
const body = (id: string, zh: string, en: string, abolished = false) => ({ id, name: text(zh, en), parent: null, level: "province", order: 0, abolished, successor: null });
const MEASURE = {
  id: "cars", area: "bulk", title: text("汽车", "Cars"), due: "2023-12-31", detail: "说明", policy: null,
  lead: ["zj"], cooperating: ["hn", "xj"], starts_on: "2023-03-01", statistic: { series: "retail", name: text("零售", "Retail") }, order: 10,
};
const ACTIVITY = {
  id: "gala", kind: "exposition", title: text("展会", "Gala"), place: text("海口", "Haikou"), starts_on: "2023-04-10", ends_on: "2023-04-15",
  exact: true, lead: ["hn"], cooperating: [], statistic: null, detail: "", source: "通知", order: 3,
};
const NAMES = new Names({
  id: "p", title: text("方案"), owner: "moc", starts_on: "2023-01-01", ends_on: "2023-12-31", seq: 1, about: "", zone: "Asia/Shanghai", today: "2023-03-01",
  you: { organisation: "moc", owns: true },
  bodies: [body("zj", "浙江省商务厅", "Zhejiang"), body("hn", "海南省商务厅", "Hainan"), body("xj", "新疆", "Xinjiang"), body("old", "旧", "Old", true)],
  areas: [{ id: "bulk", name: text("大宗"), parent: null, order: 0 }], policies: [], measures: [MEASURE], activities: [ACTIVITY], rules: [],
} as unknown as Programme);

describe("forms of the plan", () => {
  it("save what they were opened with, unchanged", () => {
    const measure = planned(measureDraft(NAMES, MEASURE as never), NAMES, false);
    expect(measure).toEqual({ type: "plan", areas: [], policies: [], measures: [MEASURE], activities: [] });
    const activity = planned(activityDraft(NAMES, ACTIVITY as never), NAMES, false);
    expect(activity).toEqual({ type: "plan", areas: [], policies: [], measures: [], activities: [ACTIVITY] });
  });

  it("make a new area with the measure that needs it", () => {
    const draft = { ...measureDraft(NAMES, null), id: "m", title: text("新", ""), area: NEW_AREA, newArea: "green", newAreaName: text("绿色", "") };
    const command = planned(draft, NAMES, true);
    expect(command).toMatchObject({ areas: [{ id: "green", name: { zh: "绿色", en: "绿色" } }], measures: [{ id: "m", area: "green", title: { zh: "新", en: "新" }, due: "2023-12-31" }] });
  });

  const good = () => ({ ...measureDraft(NAMES, null), id: "m", title: text("新") });
  it.each([
    [{ ...good(), id: " " }, { key: "plan_missing", field: "code" }],
    [{ ...good(), title: text(" ") }, { key: "plan_missing", field: "title_zh" }],
    [{ ...good(), due: "" }, { key: "plan_missing", field: "due" }],
    [{ ...good(), id: "cars" }, { key: "plan_taken" }],
    [{ ...good(), starts: "2024-01-01" }, { key: "plan_bad_span" }],
    [{ ...good(), area: NEW_AREA }, { key: "plan_missing", field: "plan_area_code" }],
    [{ ...good(), series: "retail" }, { key: "plan_missing", field: "plan_statistic_zh" }],
    [{ ...good(), lead: "浙江省商务厅；某某" }, { key: "plan_unknown_body", name: "某某" }],
    [{ ...activityDraft(NAMES, null), id: "a", title: text("活"), ends: "2023-04-01" }, { key: "plan_missing", field: "plan_starts" }],
    [{ ...activityDraft(NAMES, null), id: "a", title: text("活"), starts: "2023-04-02", ends: "2023-04-01" }, { key: "plan_bad_span" }],
    [{ ...policyDraft(null), title: text("文") }, { key: "plan_missing", field: "code" }],
  ] as const)("say what is wrong: %#", (draft, fault) => {
    const answer = planned(draft, NAMES, true);
    expect(isFault(answer)).toBe(true);
    expect(answer).toEqual(fault);
  });

  it("read organisations by code or name, each once, and none that ended", () => {
    expect(bodiesOf(" zj；Hainan; 浙江省商务厅 ;", NAMES)).toEqual(["zj", "hn"]);
    expect(bodiesOf("", NAMES)).toEqual([]);
    expect(bodiesOf("old", NAMES)).toEqual({ key: "plan_unknown_body", name: "old" });
  });
});
