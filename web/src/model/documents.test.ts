import { describe, expect, it, vi } from "vitest";
import type { AgendaItem } from "../protocol/wire";
import { Api, ApiError } from "./api";
import { documentByLink, DocumentApi, fileSize, LARGEST_BYTES, shelves, type Document } from "./documents";

const item = (id: string): AgendaItem => ({ id, kind: "summary", title: { zh: id, en: id }, planned: 60, speaker: null, started_at: null, finished_at: null, points: [] });
const paper = (id: string, of: string | null): Document => ({ id, name: `${id}.pdf`, kind: "pdf", size: 9, digest: "0".repeat(64), item: of, shared: true });

describe("documents", () => {
  it("stand under their items, those of no item first", () => {
    const found = shelves([paper("a", "two"), paper("b", null), paper("c", "struck"), paper("d", "two")], [item("one"), item("two")]);
    expect(found.map((s) => [s.item?.id ?? null, s.documents.map((d) => d.id)])).toEqual([
      [null, ["b", "c"]],
      ["two", ["a", "d"]],
    ]);
  });

  it("are sent as they are, with name, item and whether the venues may have them", async () => {
    const fetcher = vi.fn(async (..._: unknown[]) => new Response('{"id":"x","seq":3,"digest":""}', { status: 201 }));
    const api = new DocumentApi(new Api(fetcher as unknown as typeof fetch), "c 1");
    await api.attach(new File(["%PDF-"], "会议 材料.pdf", { type: "application/pdf" }), "item-1", true);
    const [path, request] = fetcher.mock.calls[0] as unknown as [string, RequestInit & { headers: Record<string, string> }];
    const url = new URL(path, "http://podium.test");
    expect(url.pathname).toBe("/api/conferences/c%201/documents");
    expect(Object.fromEntries(url.searchParams)).toEqual({ name: "会议 材料.pdf", item: "item-1", shared: "true" });
    expect(request.headers["content-type"]).toBe("application/octet-stream");
  });

  it("that are too large are not sent at all", async () => {
    const fetcher = vi.fn();
    const api = new DocumentApi(new Api(fetcher as unknown as typeof fetch), "c");
    const large = { size: LARGEST_BYTES + 1, name: "large.pdf" } as File;
    await expect(api.attach(large, null, false)).rejects.toBeInstanceOf(ApiError);
    expect(fetcher).not.toHaveBeenCalled();
  });

  it("come to a venue by its link", async () => {
    const fetcher = vi.fn(async (..._: unknown[]) => new Response("%PDF-", { status: 200 }));
    const blob = await documentByLink("pds_x", "one", fetcher as unknown as typeof fetch);
    expect(await blob.text()).toBe("%PDF-");
    const [path, request] = fetcher.mock.calls[0] as unknown as [string, { headers: Record<string, string> }];
    expect([path, request.headers["authorization"]]).toEqual(["/api/join/documents/one", "Bearer pds_x"]);
  });

  it("have sizes that read well", () => {
    expect([12, 4_200, 1_840_000].map(fileSize)).toEqual(["12 B", "4 kB", "1.8 MB"]);
  });
});
