import { beforeEach, describe, expect, it } from "vitest";
import { MediaSession } from "./media";
import { ManualTimers, settled } from "./testing";

class FakePeer {
  connectionState = "new";
  localDescription: { sdp: string } | null = null;
  remoteDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  closed = false;
  #offers = 0;

  async createOffer() {
    this.#offers += 1;
    const sdp = `v=0\r\nm=audio 9 X 0\r\na=mid:0\r\na=ice-ufrag:u${this.#offers}\r\na=ice-pwd:p\r\n`;
    return { type: "offer", sdp };
  }
  async setLocalDescription(d: { sdp: string }) {
    this.localDescription = d;
  }
  async setRemoteDescription(d: { sdp: string }) {
    this.remoteDescription = d;
  }
  becomes(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  close() {
    this.closed = true;
  }
}

interface Asked {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

const ANSWER = "v=0\r\nm=audio 9 X 0\r\na=ice-ufrag:s1\r\na=ice-pwd:sp1\r\n";

describe("media session", () => {
  let timers: ManualTimers;
  let peers: FakePeer[];
  let asked: Asked[];
  let answer: (request: Asked) => Response;
  let session: MediaSession;
  const peer = () => peers[peers.length - 1]!;
  const methods = () => asked.map((a) => a.method);

  beforeEach(() => {
    timers = new ManualTimers();
    peers = [];
    asked = [];
    answer = ({ method }) =>
      method === "POST"
        ? new Response(ANSWER, { status: 201, headers: { location: `/whep/${peers.length}`, etag: '"e1"' } })
        : new Response(null, { status: 204 });
    session = new MediaSession({
      url: "/whep",
      headers: () => ({ authorization: "Bearer pds_x" }),
      prepare: () => undefined,
      createPeer: () => {
        peers.push(new FakePeer());
        return peer() as unknown as RTCPeerConnection;
      },
      fetch: (async (url: string, init: RequestInit) => {
        const request = {
          method: init.method ?? "",
          url,
          headers: init.headers as Record<string, string>,
          body: String(init.body ?? ""),
        };
        asked.push(request);
        return answer(request);
      }) as typeof fetch,
      timers,
      random: () => 1,
    });
  });

  async function connect() {
    session.start();
    await settled();
    peer().becomes("connected");
  }

  it("offers, takes the answer and stands", async () => {
    await connect();
    expect(asked[0]).toMatchObject({
      method: "POST",
      url: "/whep",
      headers: { authorization: "Bearer pds_x", "content-type": "application/sdp" },
    });
    expect(peer().remoteDescription?.sdp).toBe(ANSWER);
    expect(session.state.get()).toEqual({ kind: "connected" });
    expect(session.location.get()).toBe("/whep/1");
  });

  it("ends the session at the server when it stops", async () => {
    await connect();
    session.stop();
    expect(asked.at(-1)).toMatchObject({ method: "DELETE", url: "/whep/1" });
    expect(peer().closed).toBe(true);
  });

  it("does not leave a session behind when it stops while the answer is on its way", async () => {
    session.start();
    session.stop();
    await settled();
    expect(session.state.get().kind).toBe("stopped");
    const posted = methods().filter((m) => m === "POST").length;
    expect(methods().filter((m) => m === "DELETE")).toHaveLength(posted);
  });

  it("tries again for ever after refusals, and keeps the reason", async () => {
    const error = { code: "room_closed", fault: "client", zh: "未开放", en: "not open" };
    answer = () => new Response(JSON.stringify({ error }), { status: 409 });
    session.start();
    for (let attempt = 1; attempt <= 50; attempt += 1) {
      await settled();
      expect(session.state.get()).toMatchObject({ kind: "waiting", error });
      timers.advance(4000);
      await settled();
      expect(peers).toHaveLength(attempt + 1);
    }
  });

  it("gives up on an answer that never connects", async () => {
    session.start();
    await settled();
    timers.advance(8000);
    expect(session.state.get().kind).toBe("waiting");
    expect(asked.at(-1)?.method).toBe("DELETE");
  });

  it("restarts ICE when the path breaks, and keeps the session", async () => {
    await connect();
    answer = () => new Response("a=ice-ufrag:s2\r\na=ice-pwd:sp2\r\n", { status: 200, headers: { etag: '"e2"' } });
    peer().becomes("disconnected");
    expect(session.state.get().kind).toBe("connected"); // a short gap heals by itself
    timers.advance(2000);
    await settled();
    expect(session.state.get().kind).toBe("restarting");
    expect(asked.at(-1)).toMatchObject({
      method: "PATCH",
      url: "/whep/1",
      headers: { "if-match": "*", "content-type": "application/trickle-ice-sdpfrag" },
    });
    expect(asked.at(-1)?.body).toContain("a=ice-ufrag:u2");
    expect(peer().remoteDescription?.sdp).toContain("ice-ufrag:s2");
    peer().becomes("connected");
    expect(session.state.get().kind).toBe("connected");
    expect(peers).toHaveLength(1);
  });

  it("needs no restart when the path heals in time", async () => {
    await connect();
    peer().becomes("disconnected");
    peer().becomes("connected");
    timers.advance(10_000);
    expect(methods()).toEqual(["POST"]);
  });

  it.each([422, 404, 405])("begins anew where a restart is answered %i", async (status) => {
    await connect();
    answer = () => new Response(null, { status });
    peer().becomes("failed");
    await settled();
    expect(session.state.get().kind).toBe("waiting");
    timers.advance(400);
    expect(peers).toHaveLength(2);
  });

  it("begins anew when a restart does not connect", async () => {
    await connect();
    answer = () => new Response("a=ice-ufrag:s2\r\na=ice-pwd:sp2\r\n", { status: 200 });
    peer().becomes("failed");
    await settled();
    timers.advance(5400);
    expect(peers).toHaveLength(2);
  });

  it("begins anew at once when a restarted server does not know it", async () => {
    await connect();
    answer = ({ method }) =>
      method === "PATCH"
        ? new Response(null, { status: 404 })
        : new Response(ANSWER, { status: 201, headers: { location: "/whep/2" } });
    await session.verify();
    await settled();
    expect(peers).toHaveLength(2);
    expect(session.location.get()).toBe("/whep/2");
  });

  it("stays when the server knows it still", async () => {
    await connect();
    await session.verify();
    expect(asked.at(-1)).toMatchObject({ method: "PATCH", headers: { "if-match": '"e1"' } });
    expect(peers).toHaveLength(1);
    expect(session.state.get().kind).toBe("connected");
  });
});
