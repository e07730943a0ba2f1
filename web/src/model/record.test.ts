import { describe, expect, it } from "vitest";
import { filmOf } from "./playback";
import { chaptersOf, difference, exportUrl, lineAt, searched, type Line } from "./record";

const line = (seq: number, at: string, zh: string, en: string, topic = "floor"): Line => ({
  seq, at, words: { zh, en }, topic, role: "chair", venue: null, item: null, elapsed: null, rehearsal: false,
});
const LINES = [
  line(1, "2023-03-01T01:30:00Z", "会议开始", "The session began", "life"),
  line(2, "2023-03-01T01:31:00Z", "浙江获得发言权", "Zhejiang was given the floor"),
  line(3, "2023-03-01T01:40:00Z", "浙江发言结束", "Zhejiang gave the floor back"),
];
const FILM = filmOf([{ id: "a.webm", track: "main", began: "2023-03-01T01:30:30Z", seconds: 120, bytes: 9 }]);

describe("the record", () => {
  it("finds lines by words of either language, by topic, and by what a sentence rests on", () => {
    expect(searched(LINES, "zhejiang floor", null, null).map((l) => l.seq)).toEqual([2, 3]);
    expect(searched(LINES, "浙江 结束", null, null).map((l) => l.seq)).toEqual([3]);
    expect(searched(LINES, "", "life", null).map((l) => l.seq)).toEqual([1]);
    expect(searched(LINES, "zhejiang", "floor", new Set([1])).map((l) => l.seq)).toEqual([1]);
  });

  it("lists the items that are recorded, from the recording's beginning what began before it", () => {
    const item = (id: string, began: string | null, ended: string | null) => ({ id, title: { zh: id, en: id }, began, ended });
    const agenda = [
      item("over", "2023-03-01T01:29:00Z", "2023-03-01T01:30:00Z"),
      item("before", "2023-03-01T01:30:29Z", "2023-03-01T01:31:00Z"),
      item("within", "2023-03-01T01:31:00Z", null),
      item("never", null, null),
    ];
    const record = { agenda } as unknown as Parameters<typeof chaptersOf>[0];
    expect(chaptersOf(record, FILM).map((c) => [c.item, c.seconds])).toEqual([["before", 0], ["within", 30]]);
  });

  it("knows which line was last at a moment", () => {
    const at = (iso: string) => lineAt(LINES, Date.parse(iso))?.seq ?? null;
    expect([at("2023-03-01T01:30:40Z"), at("2023-03-01T01:31:00Z"), at("2023-03-01T01:00:01Z")]).toEqual([1, 2, null]);
  });

  it("shows what was changed, by characters or by words", () => {
    expect(difference("会议在北京召开", "会议召开", "zh")).toEqual([
      { kind: "same", text: "会议" }, { kind: "removed", text: "在北京" }, { kind: "same", text: "召开" },
    ]);
    expect(difference("was held", "was duly held", "en").filter((p) => p.kind !== "same")).toEqual([
      { kind: "added", text: "duly " },
    ]);
    expect(difference("", "new", "en")).toEqual([{ kind: "added", text: "new" }]);
  });

  it("asks for papers in the reader's language", () => {
    expect(exportUrl("a b", "record.pdf", "en")).toBe("/api/conferences/a%20b/record/record.pdf?lang=en");
  });
});
