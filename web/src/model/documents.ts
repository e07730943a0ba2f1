import type * as wire from "../protocol/wire";
import { ApiError, byLink, type Api } from "./api";

export type Document = wire.ConferenceDocument;

/** What the server takes; it looks at the content itself. */
export const ACCEPTED = ".pdf,.docx,.xlsx,.pptx,.png,.jpg,.jpeg";
export const LARGEST_BYTES = 20 * 1024 * 1024;

const TOO_LARGE: wire.ErrorBody = {
  code: "too_large",
  fault: "client",
  zh: "文件超过 20 MB。请压缩或拆分后再上传。",
  en: "The file is larger than 20 MB. Compress or split it.",
};

/** Documents of a conference, for its console and the office. */
export class DocumentApi {
  readonly #base: string;

  constructor(
    private readonly api: Api,
    conference: string,
  ) {
    this.#base = `/api/conferences/${encodeURIComponent(conference)}`;
  }

  /** `item`: null for the whole conference. Throws `ApiError`. */
  async attach(file: File, item: string | null, shared: boolean): Promise<void> {
    if (file.size > LARGEST_BYTES) throw new ApiError(413, TOO_LARGE);
    const query = new URLSearchParams({ name: file.name, shared: String(shared) });
    if (item !== null) query.set("item", item);
    // Without its type, so that it is sent as bytes whatever the system calls it.
    await this.api.request("POST", `${this.#base}/documents?${query}`, { file: new Blob([file]) });
  }

  async share(id: string, shared: boolean): Promise<void> {
    await this.#command({ type: "share_document", id, shared });
  }

  async remove(id: string): Promise<void> {
    await this.#command({ type: "remove_document", id });
  }

  url(id: string): string {
    return `${this.#base}/documents/${encodeURIComponent(id)}`;
  }

  #command(command: wire.Command): Promise<unknown> {
    return this.api.request("POST", `${this.#base}/commands`, { json: command });
  }
}

/** What a venue may have, by its link alone. Throws `ApiError`. */
export function documentByLink(token: string, id: string, fetcher?: typeof fetch): Promise<Blob> {
  return byLink<Blob>(token, "GET", `/api/join/documents/${encodeURIComponent(id)}`, undefined, fetcher, (response) => response.blob());
}

export interface Shelf {
  /** Null: of the whole conference. */
  item: wire.AgendaItem | null;
  documents: Document[];
}

/** By agenda item in its order; first those of the whole conference, and of items that are gone. */
export function shelves(documents: readonly Document[], agenda: readonly wire.AgendaItem[]): Shelf[] {
  const known = new Set(agenda.map((item) => item.id));
  const general = documents.filter((d) => d.item === null || !known.has(d.item));
  const all: Shelf[] = [
    { item: null, documents: general },
    ...agenda.map((item) => ({ item, documents: documents.filter((d) => d.item === item.id) })),
  ];
  return all.filter((shelf) => shelf.documents.length > 0);
}

/** `1_840_000` -> "1.8 MB"; decimal units, as file managers show them. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
