import { describe, expect, it } from "vitest";
import { emptyRow, faultOf, peopleOf, rowsOf, type Row } from "./people";

const OFFICE = { id: "o", name: { zh: "浙江省商务厅", en: "Zhejiang Department of Commerce" }, parent: null, order: 1 };
const row = (change: Partial<Row> = {}): Row => ({ ...emptyRow(OFFICE.name.zh), name: "张三", title: "厅长", ...change });

describe("the sign-in form", () => {
  it("names a known organisation in both languages and repeats what has no English", () => {
    expect(peopleOf([row({ nameEn: "Zhang San" })], [OFFICE])).toEqual([
      { name: { zh: "张三", en: "Zhang San" }, title: { zh: "厅长", en: "厅长" }, organisation: OFFICE.name, part: "attends" },
    ]);
  });

  it("keeps an organisation that nobody knows as it is typed", () => {
    const [one] = peopleOf([row({ organisation: " 某公司 " })], [OFFICE]);
    expect(one?.organisation).toEqual({ zh: "某公司", en: "某公司" });
  });

  it("passes over lines that nobody began", () => {
    expect(peopleOf([row(), emptyRow("x")], [OFFICE])).toHaveLength(1);
    expect(faultOf([row(), emptyRow("x")])).toBeNull();
  });

  it("says which line lacks something and which repeats another", () => {
    expect(faultOf([row(), row({ name: "李四", title: " " })])).toEqual({ kind: "incomplete", line: 2 });
    expect(faultOf([row(), row({ name: "张三 " })])).toEqual({ kind: "twice", line: 2 });
  });

  it("shows again what was sent", () => {
    const rows = [row({ nameEn: "Zhang San", part: "speaks" }), row({ name: "李四" })];
    expect(rowsOf(peopleOf(rows, [OFFICE]))).toEqual(rows);
  });
});
