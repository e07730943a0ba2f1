import { describe, expect, it } from "vitest";
import { safeReturn } from "./paths";
import { fill, initialLocale, translator, type Key } from "./i18n";
import { en } from "./texts.en";
import { zh } from "./texts.zh";
import { familyOf, initialTheme } from "./theme";

const keys = Object.keys(en) as Key[];
const parameters = (text: string) => new Set([...text.matchAll(/\{(\w+)/g)].map((m) => m[1]));

describe("texts", () => {
  it("are complete in both languages", () => {
    expect(Object.keys(zh).sort()).toEqual([...keys].sort());
    for (const key of keys) expect(zh[key], key).not.toBe("");
  });

  it("need the same parameters in both languages", () => {
    for (const key of keys) expect(parameters(zh[key]), key).toEqual(parameters(en[key]));
  });

  it("choose between one and many", () => {
    expect(fill("{n} {n|venue|venues}", { n: 1 })).toBe("1 venue");
    expect(fill("{n} {n|venue|venues}", { n: 3 })).toBe("3 venues");
    expect(fill("{missing}")).toBe("{missing}");
    expect(translator("zh")("floor_place", { place: 2 })).toBe("已申请发言，排在第 2 位");
  });
});

describe("first choice", () => {
  it("of language: stored, preferred, Chinese", () => {
    expect(initialLocale("en", ["zh-CN"])).toBe("en");
    expect(initialLocale(null, ["fr", "en-GB", "zh"])).toBe("en");
    expect(initialLocale("xx", ["fr"])).toBe("zh");
  });

  it("of appearance: dark in rooms, light at desks", () => {
    expect(initialTheme(null, familyOf("/console/c1"))).toBe("dark");
    expect(initialTheme(null, familyOf("/wall/pdw_x"))).toBe("dark");
    expect(initialTheme(null, familyOf("/office/directory"))).toBe("light");
    expect(initialTheme("light", familyOf("/station/pds_x"))).toBe("light");
  });

  it("after signing in: this site alone", () => {
    expect(safeReturn("/console/c1")).toBe("/console/c1");
    for (const bad of [null, "", "https://x", "//x", "/\\x", "/sign-in"]) expect(safeReturn(bad)).toBe("/office");
  });
});
