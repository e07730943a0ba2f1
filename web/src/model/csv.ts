/** One line of CSV (RFC 4180). Cells that a spreadsheet would take for a formula are disarmed. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cell).join(",") + "\r\n";
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With a byte order mark, else spreadsheets read Chinese as Latin letters. */
export function csvFile(lines: readonly (readonly string[])[]): Blob {
  return new Blob(["\uFEFF", ...lines.map(csvLine)], { type: "text/csv;charset=utf-8" });
}

/** Spreadsheets in China save CSV as GB 18030 unless told otherwise. */
export function decodeCsv(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

export function countLines(text: string): number {
  return text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "").length;
}
