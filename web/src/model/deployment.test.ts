import { describe, expect, it } from "vitest";
import type { Offer, StationWork } from "../protocol/wire";
import { ApiError } from "./api";
import { deployedBy, objection, offered, StationWorkApi, unsigned } from "./deployment";
import { LiveConference } from "./live";
import { FakeSocket, ManualTimers } from "./testing";

const text = (zh: string) => ({ zh, en: zh });
const measure = (id: string, due: string, organisations: number) => ({ id, title: text(id), area: text("a"), due, organisations });
const OFFER: Offer = {
  programme: "p",
  title: text("p"),
  today: "2023-03-01",
  measures: [measure("cars", "2023-12-31", 0), measure("homes", "2023-02-01", 0), measure("old", "2023-12-31", 3)],
  invited: 3,
  below: 0,
};

describe("what a console issues", () => {
  it("offers what nobody has, and the rest when asked", () => {
    expect(offered(OFFER, false).map((m) => m.id)).toEqual(["cars", "homes"]);
    expect(offered(OFFER, true).map((m) => m.id)).toEqual(["cars", "homes", "old"]);
  });

  it.each([
    [{ measures: [], to: "invited", due: "" }, "nothing"],
    [{ measures: ["cars"], to: "below", due: "" }, "nobody"],
    [{ measures: ["cars", "homes"], to: "invited", due: "" }, "past"],
    [{ measures: ["cars", "homes"], to: "invited", due: "2023-06-30" }, null],
    [{ measures: ["cars"], to: "invited", due: "2023-02-28" }, "past"],
    [{ measures: ["cars"], to: "invited", due: "" }, null],
  ] as const)("%o: %s", (choice, expected) => {
    expect(objection(OFFER, choice)).toBe(expected);
  });

  it("shows each item its own", () => {
    const row = { programme: "p", measures: 1, organisations: 3, complete: 1 };
    expect(deployedBy([{ item: "a", ...row }, { item: "b", ...row }, { item: null, ...row }], "a")).toEqual([{ item: "a", ...row }]);
  });
});

const WORK: StationWork = {
  organisation: "zj",
  programmes: [
    {
      id: "p",
      title: text("p"),
      measures: (["issued", "signed", "closed", "issued"] as const).map((stage, i) => ({
        measure: `m${i}`, item: "a", title: text("m"), detail: "", duty: "lead", due: "2023-12-31", stage,
        issued_at: "2023-03-01T01:00:00Z", signed_at: null, here: false,
      })),
    },
    { id: "q", title: text("q"), measures: [] },
  ],
};

describe("what a station signs for", () => {
  it("is what it has not signed for", () => {
    expect(unsigned(WORK)).toEqual([{ programme: "p", measures: ["m0", "m3"] }]);
  });

  it("asks with the link alone, and says what is refused", async () => {
    const asked: [string, RequestInit | undefined][] = [];
    const error = { code: "not_from_this_conference", fault: "client", zh: "不", en: "no" };
    const api = new StationWorkApi("pds_x", (url, init) => {
      asked.push([String(url), init]);
      const refused = init?.method === "POST";
      return Promise.resolve(new Response(JSON.stringify(refused ? { error } : WORK), { status: refused ? 409 : 200 }));
    });
    expect(await api.look()).toEqual(WORK);
    await expect(api.sign("p", ["m0"])).rejects.toEqual(new ApiError(409, error as never));
    expect(asked.map(([url]) => url)).toEqual(["/api/station/work", "/api/station/work/sign"]);
    expect(asked.every(([, init]) => (init?.headers as Record<string, string>)["authorization"] === "Bearer pds_x")).toBe(true);
    expect(asked[1]?.[1]?.body).toBe('{"programme":"p","measures":["m0"]}');
  });

  it("is told at once how much there is", () => {
    const socket = new FakeSocket();
    const live = new LiveConference({ credential: { token: "pds_x" }, open: () => socket, timers: new ManualTimers(), schedule: (run) => run() });
    live.start();
    socket.onopen?.();
    socket.says({ type: "work", own: { issued: 3, signed: 1 } });
    expect(live.ownWork.get()).toEqual({ issued: 3, signed: 1 });
    socket.says({ type: "work", items: [{ item: "a", programme: "p", measures: 1, organisations: 3, complete: 2 }] });
    expect(live.deployed.get()).toHaveLength(1);
    live.stop();
  });
});
