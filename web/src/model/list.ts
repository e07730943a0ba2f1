/** Which rows of a long list to draw. Rows are equally high; lengths in CSS pixels. */
export interface Window {
  /** First row drawn and one past the last. */
  start: number;
  end: number;
  /** Height of the whole list. */
  total: number;
}

export function windowOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  overscan = 6,
): Window {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight) - overscan;
  const last = Math.ceil((Math.max(0, scrollTop) + Math.max(0, height)) / rowHeight) + overscan;
  const start = Math.min(Math.max(0, first), count);
  return { start, end: Math.max(start, Math.min(count, last)), total: count * rowHeight };
}

/** The scroll position that shows row `index`, moving as little as possible. */
export function reveal(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return Math.max(0, top + rowHeight - height);
  return scrollTop;
}

/**
 * The order to show while a pointer may be about to click. Held, nothing moves: rows that went
 * stay in their place (the caller draws them as gone) and new ones are added at the end.
 */
export function steady(shown: readonly string[], wanted: readonly string[], held: boolean): string[] {
  if (!held) return [...wanted];
  const here = new Set(shown);
  return [...shown, ...wanted.filter((id) => !here.has(id))];
}

/** `steady` over things with a key; those that went are given back as they last were. */
export class SteadyList<T> {
  #shown: string[] = [];
  readonly #last = new Map<string, T>();

  constructor(private readonly key: (item: T) => string) {}

  next(wanted: readonly T[], held: boolean): { item: T; gone: boolean }[] {
    const current = new Map(wanted.map((item) => [this.key(item), item]));
    this.#shown = steady(this.#shown, [...current.keys()], held);
    const result = this.#shown.flatMap((id) => {
      const item = current.get(id) ?? this.#last.get(id);
      return item === undefined ? [] : [{ item, gone: !current.has(id) }];
    });
    this.#last.clear();
    for (const { item } of result) this.#last.set(this.key(item), item);
    return result;
  }
}
