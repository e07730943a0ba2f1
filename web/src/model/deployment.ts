import type * as wire from "../protocol/wire";
import { byLink, type Api } from "./api";
import { query } from "./work";

/** On one page. */
export const ORGANISATIONS = 50;

/** What a conference issues, for its console. */
export class DeploymentApi {
  readonly #base: string;

  constructor(
    private readonly api: Api,
    conference: string,
  ) {
    this.#base = `/api/conferences/${encodeURIComponent(conference)}/deployment`;
  }

  programmes(): Promise<{ programmes: wire.ProgrammeItem[] }> {
    return this.api.request("GET", "/api/work/programmes");
  }

  /** Of one item, with one page of the organisations of each programme; or of one programme alone. */
  look(item: string, page: number, unsigned: boolean): Promise<{ deployments: wire.Deployment[] }> {
    return this.api.request("GET", `${this.#base}?${query({ item, start: page * ORGANISATIONS, size: ORGANISATIONS, unsigned })}`);
  }

  offer(programme: string): Promise<wire.Offer> {
    return this.api.request("GET", `${this.#base}/${encodeURIComponent(programme)}`);
  }

  deploy(asked: wire.Deploy): Promise<{ seq: number; changed: boolean; organisations: number }> {
    return this.api.request("POST", this.#base, { json: asked });
  }
}

/** What was issued to a venue's organisation, by its link alone. */
export class StationWorkApi {
  constructor(
    private readonly token: string,
    private readonly fetcher?: typeof fetch,
  ) {}

  look(): Promise<wire.StationWork> {
    return byLink(this.token, "GET", "/api/station/work", undefined, this.fetcher);
  }

  sign(programme: string, measures: readonly string[]): Promise<unknown> {
    return byLink(this.token, "POST", "/api/station/work/sign", { programme, measures }, this.fetcher);
  }
}

/** What the console offers first: measures that nobody has. */
export function offered(offer: wire.Offer, alsoIssued: boolean): wire.OfferedMeasure[] {
  return offer.measures.filter((m) => alsoIssued || m.organisations === 0);
}

export interface Choice {
  measures: readonly string[];
  to: "invited" | "below";
  due: string;
}

/** Why a choice cannot be issued: nothing chosen, nobody to issue to, or a day that has passed. */
export function objection(offer: wire.Offer, choice: Choice): "nothing" | "nobody" | "past" | null {
  if (choice.measures.length === 0) return "nothing";
  if (offer[choice.to] === 0) return "nobody";
  const chosen = new Set(choice.measures);
  const days = choice.due === "" ? offer.measures.filter((m) => chosen.has(m.id)).map((m) => m.due) : [choice.due];
  return days.some((day) => day < offer.today) ? "past" : null;
}

/** What one agenda item has issued, a row for each programme. */
export function deployedBy(items: readonly wire.ItemWork[], item: string): wire.ItemWork[] {
  return items.filter((row) => row.item === item);
}

/** By programme, what a venue has yet to sign for. */
export function unsigned(work: wire.StationWork): { programme: string; measures: string[] }[] {
  return work.programmes
    .map((p) => ({ programme: p.id, measures: p.measures.filter((m) => m.stage === "issued").map((m) => m.measure) }))
    .filter((p) => p.measures.length > 0);
}
