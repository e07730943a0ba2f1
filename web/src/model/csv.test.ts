import { describe, expect, it } from "vitest";
import { countLines, csvLine, decodeCsv } from "./csv";

describe("CSV", () => {
  it("quotes what must be quoted and disarms formulas", () => {
    expect(csvLine(["a", 'say "x"', "b,c", "=1+1", "-2"])).toBe('a,"say ""x""","b,c",\'=1+1,\'-2\r\n');
  });

  it("reads UTF-8 with or without its mark, else GB 18030", () => {
    const utf8 = new TextEncoder().encode("北京");
    expect(decodeCsv(utf8.buffer as ArrayBuffer)).toBe("北京");
    expect(decodeCsv(new Uint8Array([0xef, 0xbb, 0xbf, ...utf8]).buffer)).toBe("北京");
    expect(decodeCsv(new Uint8Array([0xb1, 0xb1, 0xbe, 0xa9]).buffer)).toBe("北京");
  });

  it("counts lines that hold something", () => expect(countLines("a\r\n\r\nb\n")).toBe(2));
});
