import { describe, expect, it } from "vitest";
import type { ServerMessage } from "../protocol/wire";
import { Connection, Refused } from "./connection";
import { FakeSocket, ManualTimers, wireView } from "./testing";

const SNAPSHOT = { type: "snapshot", seq: 1, view: wireView([]), you: { role: "operator" }, now: "" };

function setUp() {
  const timers = new ManualTimers();
  const sockets: FakeSocket[] = [];
  const received: ServerMessage[] = [];
  const connection = new Connection({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    hello: () => ({ type: "hello", token: "pds_x" }),
    receive: (message) => received.push(message),
    timers,
    random: () => 1,
  });
  const latest = () => sockets[sockets.length - 1]!;
  const online = () => {
    latest().onopen?.();
    latest().says(SNAPSHOT);
  };
  connection.start();
  return { timers, sockets, received, connection, latest, online };
}

describe("connection", () => {
  it("says hello first and is online once the snapshot is here", () => {
    const { connection, latest, online } = setUp();
    expect(connection.state.get().kind).toBe("connecting");
    online();
    expect(latest().sent[0]).toEqual({ type: "hello", token: "pds_x" });
    expect(connection.state.get().kind).toBe("online");
  });

  it("comes back for ever, waiting no longer than four seconds", () => {
    const { timers, sockets, connection, latest } = setUp();
    for (let attempt = 1; attempt <= 200; attempt += 1) {
      latest().onclose?.({ code: 1006 });
      expect(connection.state.get().kind).toBe("waiting");
      timers.advance(4000);
      expect(sockets).toHaveLength(attempt + 1);
    }
  });

  it("begins with short waits again after it was online", () => {
    const { timers, sockets, latest, online } = setUp();
    for (let i = 0; i < 10; i += 1) {
      latest().onclose?.({ code: 1006 });
      timers.advance(4000);
    }
    online();
    latest().onclose?.({ code: 1012 });
    const before = sockets.length;
    timers.advance(400);
    expect(sockets).toHaveLength(before + 1);
  });

  it("remembers since when it is away", () => {
    const { timers, connection, latest, online } = setUp();
    online();
    const lost = timers.now();
    latest().onclose?.({ code: 1006 });
    timers.advance(400);
    latest().onclose?.({ code: 1006 });
    expect(connection.state.get()).toMatchObject({ kind: "waiting", since: lost });
  });

  it.each([
    [4001, "superseded"],
    [4401, "unknown_credential"],
    [4403, "forbidden"],
    [4404, "no_conference"],
  ] as const)("ends on close %i", (code, why) => {
    const { timers, sockets, connection, latest } = setUp();
    latest().onclose?.({ code });
    expect(connection.state.get()).toMatchObject({ kind: "ended", why });
    timers.advance(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("ends when told that another machine took over, before the close comes", () => {
    const { connection, latest, online } = setUp();
    online();
    latest().says({ type: "superseded" });
    expect(connection.state.get()).toMatchObject({ kind: "ended", why: "superseded" });
    expect(latest().closed).toBe(true);
  });

  it("gives up on a server that answers no ping, and tries anew", () => {
    const { timers, sockets, connection, latest, online } = setUp();
    online();
    timers.advance(4000);
    expect(latest().sent.at(-1)).toEqual({ type: "ping" });
    timers.advance(7000);
    expect(connection.state.get().kind).not.toBe("online");
    timers.advance(1000);
    expect(sockets).toHaveLength(2);
  });

  it("stays online while pongs come", () => {
    const { timers, connection, latest, online } = setUp();
    online();
    for (let i = 0; i < 60; i += 1) {
      timers.advance(1000);
      if (latest().sent.at(-1)?.["type"] === "ping") latest().says({ type: "pong" });
    }
    expect(connection.state.get().kind).toBe("online");
  });

  it("settles each command by its own result", async () => {
    const { connection, latest, online } = setUp();
    online();
    const first = connection.command({ type: "take" });
    const second = connection.command({ type: "cut_to_main" });
    const error = { code: "nothing_in_preview", fault: "client", zh: "无", en: "none" };
    const ids = latest().sent.filter((m) => m["type"] === "command").map((m) => m["id"]);
    latest().says({ type: "result", id: ids[1], ok: true, seq: 2 });
    latest().says({ type: "result", id: ids[0], ok: false, error });
    await expect(second).resolves.toBeUndefined();
    await expect(first).rejects.toEqual(new Refused(error as never));
  });

  it("refuses commands while offline and those whose answer was lost", async () => {
    const { connection, latest, online } = setUp();
    await expect(connection.command({ type: "take" })).rejects.toThrow("offline");
    online();
    const sent = connection.command({ type: "take" });
    latest().onclose?.({ code: 1006 });
    await expect(sent).rejects.toThrow("offline");
  });

  it("does not choke on nonsense", () => {
    const { connection, latest, received, online } = setUp();
    online();
    received.length = 0;
    latest().onmessage?.({ data: "{" });
    latest().onmessage?.({ data: "null" });
    latest().onmessage?.({ data: new ArrayBuffer(3) });
    expect(received).toEqual([]);
    expect(connection.state.get().kind).toBe("online");
  });

  it("tries at once when hurried", () => {
    const { sockets, connection, latest, timers } = setUp();
    latest().onclose?.({ code: 1006 });
    connection.hurry();
    expect(sockets).toHaveLength(2);
    timers.advance(5000);
    expect(sockets).toHaveLength(2);
  });
});
