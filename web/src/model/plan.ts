import type * as wire from "../protocol/wire";
import type { Key } from "./i18n";
import type { Names } from "./work";

export const KINDS: readonly wire.ActivityKind[] = ["theme", "exposition", "week", "local", "sector", "other"];
/** In the place of an area's code: one that is made with the measure. */
export const NEW_AREA = "";

export interface Named {
  zh: string;
  en: string;
}

interface Common {
  id: string;
  title: Named;
  lead: string;
  cooperating: string;
  starts: string;
  detail: string;
  order: number;
  series: string;
  seriesName: Named;
}

export interface MeasureDraft extends Common {
  kind: "measure";
  area: string;
  newArea: string;
  newAreaName: Named;
  due: string;
  policy: string;
}

export interface ActivityDraft extends Common {
  kind: "activity";
  sort: wire.ActivityKind;
  place: Named;
  ends: string;
  exact: boolean;
  source: string;
}

export interface PolicyDraft {
  kind: "policy";
  id: string;
  title: Named;
  number: string;
  issuedOn: string;
  issuedBy: string;
  source: string;
}

export type Draft = MeasureDraft | ActivityDraft | PolicyDraft;

/** What is wrong with a draft, as a text and its parameters. `field` is a text's key. */
export type Fault = { key: "plan_missing"; field: Key } | { key: "plan_unknown_body"; name: string } | { key: "plan_bad_span" } | { key: "plan_taken" };

const blank = (): Named => ({ zh: "", en: "" });
const nameOf = (text: wire.Text | null | undefined): Named => (text ? { zh: text.zh, en: text.en } : blank());

function common(names: Names, one: wire.Measure | wire.Activity | null): Common {
  const list = (ids: readonly string[] | undefined) => (ids ?? []).map((id) => names.body(id).zh).join("；");
  return {
    id: one?.id ?? "",
    title: nameOf(one?.title),
    lead: list(one?.lead),
    cooperating: list(one?.cooperating),
    starts: one?.starts_on ?? "",
    detail: one?.detail ?? "",
    order: one?.order ?? 0,
    series: one?.statistic?.series ?? "",
    seriesName: nameOf(one?.statistic?.name),
  };
}

export function measureDraft(names: Names, one: wire.Measure | null): MeasureDraft {
  const { areas, ends_on } = names.programme;
  return {
    ...common(names, one),
    kind: "measure",
    area: one?.area ?? areas[0]?.id ?? NEW_AREA,
    newArea: "",
    newAreaName: blank(),
    due: one?.due ?? ends_on,
    policy: one?.policy ?? "",
  };
}

export function activityDraft(names: Names, one: wire.Activity | null): ActivityDraft {
  return {
    ...common(names, one),
    kind: "activity",
    sort: one?.kind ?? "other",
    place: nameOf(one?.place),
    ends: one?.ends_on ?? "",
    exact: one?.exact ?? true,
    source: one?.source ?? "",
  };
}

export function policyDraft(one: wire.Policy | null): PolicyDraft {
  return {
    kind: "policy",
    id: one?.id ?? "",
    title: nameOf(one?.title),
    number: one?.number ?? "",
    issuedOn: one?.issued_on ?? "",
    issuedBy: one?.issued_by ?? "",
    source: one?.source ?? "",
  };
}

/** The command that saves it, or what is wrong. `fresh`: it must not replace another. */
export function planned(draft: Draft, names: Names, fresh: boolean): wire.WorkCommand | Fault {
  if (draft.id.trim() === "") return missing("code");
  if (draft.title.zh.trim() === "") return missing("title_zh");
  if (fresh && taken(draft, names)) return { key: "plan_taken" };
  switch (draft.kind) {
    case "measure":
      return plannedMeasure(draft, names);
    case "activity":
      return plannedActivity(draft, names);
    case "policy":
      return { type: "plan", areas: [], policies: [policyOf(draft)], measures: [], activities: [] };
  }
}

export function isFault(answer: wire.WorkCommand | Fault): answer is Fault {
  return "key" in answer;
}

const missing = (field: Key): Fault => ({ key: "plan_missing", field });

function taken(draft: Draft, names: Names): boolean {
  const { measures, activities, policies } = names.programme;
  const known = { measure: measures, activity: activities, policy: policies }[draft.kind];
  return known.some((one) => one.id === draft.id.trim());
}

function plannedMeasure(draft: MeasureDraft, names: Names): wire.WorkCommand | Fault {
  if (draft.due === "") return missing("due");
  if (draft.starts !== "" && draft.due < draft.starts) return { key: "plan_bad_span" };
  const areas: wire.Area[] = [];
  if (draft.area === NEW_AREA) {
    if (draft.newArea.trim() === "") return missing("plan_area_code");
    if (draft.newAreaName.zh.trim() === "") return missing("plan_area_zh");
    areas.push({ id: draft.newArea.trim(), name: text(draft.newAreaName), parent: null, order: 0 });
  }
  const shared = sharedOf(draft, names);
  if ("key" in shared) return shared;
  const measure: wire.Measure = {
    ...shared,
    area: areas[0]?.id ?? draft.area,
    due: draft.due,
    policy: draft.policy || null,
  };
  return { type: "plan", areas, policies: [], measures: [measure], activities: [] };
}

function plannedActivity(draft: ActivityDraft, names: Names): wire.WorkCommand | Fault {
  if (draft.ends !== "" && draft.starts === "") return missing("plan_starts");
  if (draft.ends !== "" && draft.ends < draft.starts) return { key: "plan_bad_span" };
  const shared = sharedOf(draft, names);
  if ("key" in shared) return shared;
  const activity: wire.Activity = {
    ...shared,
    kind: draft.sort,
    place: draft.place.zh.trim() === "" ? null : text(draft.place),
    ends_on: draft.ends || null,
    exact: draft.exact,
    source: draft.source.trim() || null,
  };
  return { type: "plan", areas: [], policies: [], measures: [], activities: [activity] };
}

function sharedOf(draft: MeasureDraft | ActivityDraft, names: Names) {
  const lead = bodiesOf(draft.lead, names);
  if (!Array.isArray(lead)) return lead;
  const cooperating = bodiesOf(draft.cooperating, names);
  if (!Array.isArray(cooperating)) return cooperating;
  const series = draft.series.trim();
  if (series !== "" && draft.seriesName.zh.trim() === "") return missing("plan_statistic_zh");
  const statistic = series === "" ? null : { series, name: text(draft.seriesName) };
  return {
    id: draft.id.trim(),
    title: text(draft.title),
    lead,
    cooperating,
    starts_on: draft.starts || null,
    detail: draft.detail.trim(),
    order: draft.order,
    statistic,
  };
}

function policyOf(draft: PolicyDraft): wire.Policy {
  return {
    id: draft.id.trim(),
    title: text(draft.title),
    number: draft.number.trim() || null,
    issued_on: draft.issuedOn || null,
    issued_by: draft.issuedBy.trim() || null,
    source: draft.source.trim() || null,
  };
}

/** Without English the Chinese stands for both. */
function text(named: Named): wire.Text {
  const zh = named.zh.trim();
  return { zh, en: named.en.trim() || zh };
}

/** Codes or full names in either language, with semicolons between; in the order written. */
export function bodiesOf(list: string, names: Names): string[] | Fault {
  const found = new Set<string>();
  for (const part of list.split(/[;；]/).map((p) => p.trim())) {
    if (part === "") continue;
    const body = names.programme.bodies.find((b) => !b.abolished && (b.id === part || b.name.zh === part || b.name.en === part));
    if (body === undefined) return { key: "plan_unknown_body", name: part };
    found.add(body.id);
  }
  return [...found];
}
