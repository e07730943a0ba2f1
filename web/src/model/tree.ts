import type { Organisation, Phase, Text, Venue } from "../protocol/wire";
import type { ConferenceView } from "./conference";
import { onTelephone } from "./telephone";
import { troubleOf } from "./trouble";

/** The tree of organisations with their venues, in protocol order. */
export interface Branch {
  organisation: Organisation;
  venues: Venue[];
  children: Branch[];
}

export type Row =
  | {
      kind: "organisation";
      id: string;
      depth: number;
      name: Text;
      collapsed: boolean;
      present: number;
      total: number;
    }
  | { kind: "venue"; id: string; depth: number };

export type Filter = "all" | "asking" | "trouble";

export interface Question {
  search: string;
  filter: Filter;
  collapsed: ReadonlySet<string>;
}

/**
 * Shape of the tree alone: it depends on organisations and on which venues exist and where,
 * not on their states, so it is built rarely.
 */
export function buildTree(organisations: readonly Organisation[], venues: Iterable<Venue>): Branch[] {
  const branches = new Map<string, Branch>();
  for (const organisation of organisations) {
    branches.set(organisation.id, { organisation, venues: [], children: [] });
  }
  for (const venue of venues) {
    const organisation = venue.organisation ?? GUESTS.id;
    let branch = branches.get(organisation);
    if (branch === undefined) {
      branch = { organisation: orphanage(venue), venues: [], children: [] };
      branches.set(organisation, branch);
    }
    branch.venues.push(venue);
  }
  const roots: Branch[] = [];
  for (const branch of branches.values()) {
    const parent = branch.organisation.parent;
    const above = parent === null ? undefined : branches.get(parent);
    if (above === undefined || isAncestor(branches, branch.organisation.id, parent)) roots.push(branch);
    else above.children.push(branch);
  }
  const byOrder = (a: Branch, b: Branch) => a.organisation.order - b.organisation.order;
  for (const branch of branches.values()) {
    branch.children.sort(byOrder);
    branch.venues.sort((a, b) => a.order - b.order);
  }
  return roots.sort(byOrder);
}

/** Guest telephones belong to no organisation; they are listed last. */
const GUESTS: Organisation = {
  id: "guests of no organisation",
  name: { zh: "来宾电话", en: "Guest telephones" },
  parent: null,
  order: Number.MAX_SAFE_INTEGER,
};

/** A venue whose organisation was not sent stands by itself rather than vanish. */
function orphanage(venue: Venue): Organisation {
  if (venue.organisation === null) return GUESTS;
  return { id: venue.organisation, name: venue.name, parent: null, order: venue.order };
}

/** True if walking up from `start` meets `id`: a ring in the data must not hang the page. */
function isAncestor(branches: Map<string, Branch>, id: string, start: string | null): boolean {
  const seen = new Set<string>();
  for (let at = start; at !== null && !seen.has(at); ) {
    if (at === id) return true;
    seen.add(at);
    at = branches.get(at)?.organisation.parent ?? null;
  }
  return false;
}

/**
 * Rows to draw. An organisation with one venue and nothing below it is that venue's row; an
 * organisation without anything to show is left out. A search opens what is collapsed.
 */
export function flatten(tree: readonly Branch[], view: ConferenceView, question: Question): Row[] {
  const rows: Row[] = [];
  const needle = normalise(question.search);
  const searching = needle !== "";
  for (const branch of tree) walk(branch, 0, false);
  return rows;

  function walk(branch: Branch, depth: number, inherited: boolean): { present: number; total: number } {
    const named = inherited || (searching && matchesText(needle, branch.organisation.name));
    const single = branch.children.length === 0 && branch.venues.length === 1;
    const at = rows.length;
    const below = single ? depth : depth + 1;
    const sum = { present: 0, total: 0 };
    for (const { id } of branch.venues) {
      const venue = view.venues.get(id);
      if (venue === undefined) continue;
      sum.total += 1;
      if (isPresent(venue)) sum.present += 1;
      if (admits(venue, view.phase, question.filter) && (!searching || named || matches(needle, venue)))
        rows.push({ kind: "venue", id, depth: below });
    }
    for (const child of branch.children) {
      const inner = walk(child, depth + 1, named);
      sum.present += inner.present;
      sum.total += inner.total;
    }
    if (single || rows.length === at) return sum;
    const { id, name } = branch.organisation;
    const collapsed = !searching && question.collapsed.has(id);
    if (collapsed) rows.length = at;
    rows.splice(at, 0, { kind: "organisation", id, depth, name, collapsed, ...sum });
    return sum;
  }
}

export function isPresent(venue: Venue): boolean {
  return venue.connection === "connected" || venue.connection === "degraded" || onTelephone(venue);
}

export function admits(venue: Venue, phase: Phase, filter: Filter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "asking":
      return typeof venue.floor === "number";
    case "trouble":
      return troubleOf(venue, phase) !== null;
  }
}

/** Half-width, lower case, without spaces and apostrophes: "Xi'an ＺＳ" -> "xianzs". */
export function normalise(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[\s'’·.-]/g, "");
}

function matchesText(needle: string, text: Text): boolean {
  return normalise(text.zh).includes(needle) || normalise(text.en).includes(needle);
}

/** By either name, by pinyin or by its initials. `needle` is normalised. */
export function matches(needle: string, venue: Venue): boolean {
  if (matchesText(needle, venue.name)) return true;
  return venue.pinyin.some((reading) => normalise(reading).includes(needle));
}
