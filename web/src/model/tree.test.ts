import { describe, expect, it } from "vitest";
import type { Organisation, Venue } from "../protocol/wire";
import { fromWire } from "./conference";
import { venue, wireView } from "./testing";
import { buildTree, flatten, matches, normalise, type Question } from "./tree";

function organisation(id: string, parent: string | null, order: number, zh = id): Organisation {
  return { id, parent, order, name: { zh, en: id } };
}

const ORGANISATIONS = [
  organisation("provinces", null, 2, "各省"),
  organisation("zhejiang", "provinces", 4, "浙江省"),
  organisation("ministry", null, 1, "商务部"),
  organisation("beijing", "provinces", 3, "北京市"),
];

const VENUES = [
  venue("v-main", { organisation: "ministry", order: 1, kind: "main", name: { zh: "主会场", en: "Main" } }),
  venue("v-bj", { organisation: "beijing", order: 2, name: { zh: "北京", en: "Beijing" }, pinyin: ["beijing", "bj"] }),
  venue("v-zj", {
    organisation: "zhejiang",
    order: 3,
    name: { zh: "浙江", en: "Zhejiang" },
    pinyin: ["zhejiang", "zj"],
    connection: "lost",
    floor: 1,
  }),
  venue("v-hz", { organisation: "zhejiang", order: 4, name: { zh: "杭州", en: "Hangzhou" }, pinyin: ["hangzhou", "hz"] }),
];

const ALL: Question = { search: "", filter: "all", collapsed: new Set() };

function rows(question: Partial<Question>, organisations = ORGANISATIONS, venues: Venue[] = VENUES) {
  const view = fromWire(1, wireView(venues, { organisations }));
  return flatten(buildTree(organisations, view.venues.values()), view, { ...ALL, ...question });
}

function lines(question: Partial<Question>) {
  return rows(question).map((row) => `${"  ".repeat(row.depth)}${row.id}`);
}

describe("venue tree", () => {
  it("stands in protocol order; an organisation of one venue is that venue", () => {
    expect(lines({})).toEqual(["v-main", "provinces", "  v-bj", "  zhejiang", "    v-zj", "    v-hz"]);
  });

  it("counts who is here, whatever is shown", () => {
    const row = rows({ search: "杭" }).find((r) => r.id === "provinces");
    expect(row).toMatchObject({ present: 2, total: 3 });
  });

  it("hides what is below a collapsed organisation", () => {
    expect(lines({ collapsed: new Set(["provinces"]) })).toEqual(["v-main", "provinces"]);
    expect(lines({ collapsed: new Set(["zhejiang"]) })).toEqual(["v-main", "provinces", "  v-bj", "  zhejiang"]);
  });

  it("finds in what is collapsed", () => {
    expect(lines({ search: "hz", collapsed: new Set(["provinces"]) })).toEqual(["provinces", "  zhejiang", "    v-hz"]);
  });

  it.each([
    ["浙江", ["v-zj", "v-hz"]], // the organisation's name stands for all of its venues
    ["zj", ["v-zj"]],
    ["hangz", ["v-hz"]],
    ["ＢＪ", ["v-bj"]],
    ["Main", ["v-main"]],
    ["nowhere", []],
  ])("answers %s", (search, expected) => {
    const found = rows({ search }).filter((r) => r.kind === "venue");
    expect(found.map((r) => r.id)).toEqual(expected);
  });

  it("filters those who ask and those in trouble", () => {
    const ids = (filter: Question["filter"]) => rows({ filter }).filter((r) => r.kind === "venue").map((r) => r.id);
    expect(ids("asking")).toEqual(["v-zj"]);
    expect(ids("trouble")).toEqual(["v-zj"]);
  });

  it("shows a venue whose organisation was not sent", () => {
    expect(rows({}, [], [venue("x")]).map((r) => r.id)).toEqual(["x"]);
  });

  it("survives organisations in a ring", () => {
    const ring = [organisation("a", "b", 1), organisation("b", "a", 2)];
    const shown = rows({}, ring, [venue("x", { organisation: "a" }), venue("y", { organisation: "b" })]);
    expect(shown.map((r) => r.id).sort()).toEqual(["x", "y"]);
  });

  it("flattens 3,000 venues within a frame", () => {
    const many = Array.from({ length: 3000 }, (_, i) => venue(`v${i}`, { organisation: `o${i % 30}`, order: i }));
    const bodies = Array.from({ length: 30 }, (_, i) => organisation(`o${i}`, null, i));
    const view = fromWire(1, wireView(many, { organisations: bodies }));
    const tree = buildTree(bodies, view.venues.values());
    flatten(tree, view, ALL);
    const start = performance.now();
    for (let i = 0; i < 20; i += 1) expect(flatten(tree, view, ALL)).toHaveLength(3030);
    expect((performance.now() - start) / 20).toBeLessThan(16);
  });
});

describe("matching", () => {
  it("ignores width, case, spaces and apostrophes", () => {
    expect(normalise("Ｘi’an  City")).toBe("xiancity");
    expect(matches(normalise("xian"), venue("v", { name: { zh: "西安", en: "Xi'an" } }))).toBe(true);
  });
});
