/**
 * A stand-in for the server, to look at the pages with: no media, no passwords, nothing kept.
 * `npm run build && npm run mock`, then http://127.0.0.1:8090/office, /console/small,
 * /console/large, /station/pds_zhejiang, /wall/pdw_small.
 */
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { indexHtml, makeView, minutesAgo, settle } from "./venues.mjs";

const PORT = Number(process.env.PORT ?? 8090);
const STATIC = new URL("../../src/podium/web/static/", import.meta.url);
const TYPES = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", html: "text/html" };

const rooms = new Map(
  [["small", 53, "in_session"], ["large", 3000, "in_session"], ["soon", 53, "open"], ["sparse", 9, "in_session"]].map(
    ([id, count, phase]) => [id, { seq: 100, view: makeView(id, count, phase), clients: new Set(), links: new Map() }],
  ),
);
const account = { id: "a1", name: "admin", role: "administrator", created_at: minutesAgo(9000) };

/** `pds_zhejiang` is a station of "small"; `pds_zhejiang.soon` of "soon"; `pdw_large` a wall. */
function linkOf(token) {
  const [, kind, name, room] = /^pd([sw])_([a-z-]+)(?:\.([a-z]+))?$/.exec(token ?? "") ?? [];
  if (kind === "w" && rooms.has(name)) return { kind: "wall", room: rooms.get(name) };
  const found = rooms.get(room ?? "small");
  const venue = found?.view.venues[`v-${name}`];
  return kind === "s" && venue ? { kind: "station", room: found, venue } : null;
}

const error = (code, zh, en) => ({ error: { code, fault: "client", zh, en } });

function api(request, url, body) {
  const { pathname: path } = url;
  const [, , , id] = path.split("/");
  const room = rooms.get(id);
  if (path === "/api/session") return request.method === "DELETE" ? [204] : [200, { account, csrf: "x" }];
  if (path === "/api/join") {
    const link = linkOf((request.headers.authorization ?? "").slice(7));
    if (link === null) return [401, error("unknown_credential", "链接无效或已撤销，请向会务办公室索取新链接。", "This link is not valid or was revoked. Ask the conference office for the new one.")];
    const { id, title, starts_at, phase } = link.room.view;
    const conference = { id, title, starts_at, phase };
    return [200, link.kind === "wall" ? { kind: "wall", conference } : { kind: "station", conference, venue: { id: link.venue.id, name: link.venue.name, kind: link.venue.kind }, telephone: { number: TELEPHONE.number, pin: "27182818" } }];
  }
  if (path === "/api/telephone") return [200, TELEPHONE];
  if (room && path.endsWith("/pins")) return [201, { number: TELEPHONE.number, general: "40718823", venues: [] }];
  if (path === "/api/accounts") return [200, { accounts: [account, { ...account, id: "a2", name: "lin", role: "operator" }] }];
  if (path === "/api/templates") {
    const { title, agenda } = rooms.get("soon").view;
    return [200, { templates: [{ id: "work", name: { zh: "工作会议", en: "Work conference" }, title, agenda }] }];
  }
  if (path === "/api/directory") {
    const { organisations, venues } = rooms.get("small").view;
    return [200, { organisations: organisations.map((o) => ({ ...o, level: "province" })), venues: Object.values(venues) }];
  }
  if (path === "/api/directory/import") return [200, importReport(url, body)];
  if (path === "/api/conferences" && request.method === "POST") return [201, { id: "soon", seq: 1 }];
  if (path === "/api/conferences") return [200, { conferences: [...rooms.values()].map(({ view }) => ({ id: view.id, title: view.title, starts_at: view.starts_at, phase: view.phase, venues: view.counts.invited })) }];
  if (room && path.endsWith("/events")) return [200, { events: history(room), more: false }];
  if (room && path.includes("/links")) return links(request, room, body);
  if (room) return [200, { seq: room.seq, view: room.view }];
  return [404, error("not_found", "没有找到。", "There is no such thing.")];
}

function importReport(url, body) {
  const { organisations, venues } = rooms.get("small").view;
  if (body.includes("error"))
    return { applied: false, changes: [], errors: [{ line: 3, column: "venue_kind", zh: "会场类型“分厂”不认识，请填 main 或 branch。", en: "The venue kind \"brnch\" is not known: write main or branch." }, { line: 7, column: "order", zh: "次序必须是整数。", en: "The order must be a whole number." }] };
  const change = (venue, i) => ({ kind: i % 9 === 0 ? "change" : i % 4 === 0 ? "add" : "same", line: i + 2, organisation: organisations[0].id, organisation_name: organisations[0].name, venue: venue.id, venue_name: venue.name, fields: i % 9 === 0 ? ["name_en", "order"] : [] });
  return { applied: url.searchParams.get("apply") === "true", changes: Object.values(venues).map(change), errors: [] };
}

const invited = (room) => Object.values(room.view.venues).filter((v) => v.kind !== "guest").map((v) => v.id);

function links(request, room, body) {
  if (request.method === "GET") return [200, { links: invited(room).map((venue) => room.links.get(venue) ?? { venue, issued_at: null, last_used_at: null }) }];
  if (request.method === "DELETE") return [204];
  const asked = JSON.parse(body);
  const all = invited(room);
  const venues = asked.venues === "all" ? all : asked.venues === "missing" ? all.filter((v) => !room.links.has(v)) : asked.venues;
  for (const venue of venues) room.links.set(venue, { venue, issued_at: minutesAgo(0), last_used_at: null });
  const token = (venue) => `pds_${venue.slice(2)}${"x".repeat(30)}`;
  const wall = asked.wall ? { url: `http://127.0.0.1:${PORT}/wall/pdw_${room.view.id}`, token: `pdw_${room.view.id}` } : null;
  return [200, { links: venues.map((venue) => ({ venue, token: token(venue), url: `http://127.0.0.1:${PORT}/station/${token(venue)}`, pin: "27182818" })), wall, telephone: { number: TELEPHONE.number, general: null } }];
}

function history(room) {
  const by = { role: "operator", id: "a1", venue: null };
  return [
    { type: "venue_connection_changed", venue: "v-zhejiang", connection: "connecting", reason: null },
    { type: "venue_connection_changed", venue: "v-zhejiang", connection: "connected", reason: null },
    { type: "venue_devices_reported", venue: "v-zhejiang", camera: "working", microphone: "working" },
    { type: "program_changed", program: { main: "v-zhejiang", second: null, content: null } },
    { type: "program_changed", program: { main: "v-main", second: null, content: null } },
    { type: "floor_requested", venue: "v-zhejiang" },
  ].map((event, i) => ({ seq: room.seq - 6 + i, at: minutesAgo(40 - 6 * i), by, event }));
}

// --- the conference, as far as looking at it needs

const COMMANDS = {
  take: (v) => ([v.program, v.preview] = [v.preview, v.program]),
  cut_to_main: (v) => (v.program = { main: "v-main", second: null, content: null }),
  switch_recording: (v, c) => (v.recording = c.on),
  sign_people_in: (v, c) => (v.venues[c.venue].people = c.people),
  excuse_venue: (v, c) => (v.venues[c.venue].excused = c.excused),
  set_preview: (v, c) => (v.preview = c.program),
  put_on_air: (v, c) => (v.program[c.slot] = c.venue),
  open_microphone: (v, c) => (v.venues[c.venue].microphone = "open"),
  close_microphone: (v, c) => (v.venues[c.venue].microphone = "closed_by_chair"),
  close_all_microphones: (v) => Object.values(v.venues).forEach((x) => x.kind === "main" || (x.microphone = "closed_by_chair")),
  switch_own_microphone: (v, c) => (v.venues[c.venue].microphone = c.closed ? "closed_at_venue" : "open"),
  request_floor: (v, c) => v.floor.queue.push({ venue: c.venue, at: minutesAgo(0) }),
  withdraw_request: (v, c) => (v.floor.queue = v.floor.queue.filter((e) => e.venue !== c.venue)),
  grant_floor: (v, c) => {
    COMMANDS.withdraw_request(v, c);
    v.floor.holders.push({ venue: c.venue, at: minutesAgo(0) });
    v.venues[c.venue].microphone = "open";
    if (c.slot) v.program[c.slot] = c.venue;
  },
  release_floor: (v, c) => {
    v.floor.holders = v.floor.holders.filter((e) => e.venue !== c.venue);
    v.venues[c.venue].microphone = "closed_by_chair";
  },
  start_session: (v) => Object.assign(v, { phase: "in_session", session_started_at: v.session_started_at ?? minutesAgo(0), program: { main: "v-main", second: null, content: null } }),
  open_conference: (v) => (v.phase = "open"),
  adjourn: (v) => (v.phase = "adjourned"),
  close_conference: (v) => (v.phase = "closed"),
  start_item: (v, c) => {
    v.current_item = c.item;
    v.agenda.find((i) => i.id === c.item).started_at = minutesAgo(0);
  },
  finish_item: (v, c) => {
    v.current_item = null;
    v.agenda.find((i) => i.id === c.item).finished_at = minutesAgo(0);
  },
  place_call: (v, c) => (v.venues[c.venue].call = ringing(v.venues[c.venue])),
  call_unconnected: (v) =>
    Object.values(v.venues).forEach((x) => ["absent", "lost"].includes(x.connection) && x.telephones.length > 0 && x.call?.stage !== "joined" && x.kind !== "guest" && (x.call = ringing(x))),
  hang_up: (v, c) => Object.assign(v.venues[c.venue].call, { stage: "ended", reason: "released", number: null, noisy: false, since: minutesAgo(0) }),
  dial_number: (v, c) =>
    (v.venues[c.guest] = { ...Object.values(v.venues)[0], id: c.guest, organisation: null, name: c.name, pinyin: ["", ""], kind: "guest", order: 2_000_000_100, connection: "absent", since: null, microphone: "closed_by_chair", telephones: [c.number], call: ringing({ telephones: [c.number] }) }),
  rename_guest: (v, c) => (v.venues[c.guest].name = c.name),
  report_devices: (v, c) => Object.assign(v.venues[c.venue], { camera: c.camera, microphone_device: c.microphone }),
};

const ringing = (venue) => ({ stage: "ringing", purpose: "called", since: minutesAgo(0), number: venue.telephones[0], reason: null, noisy: false });
const TELEPHONE = {
  number: "+861065190000",
  trunks: [{ name: "provider", condition: "registered", since: minutesAgo(300) }, { name: "reserve", condition: "unreachable", since: minutesAgo(4) }],
  pin_lock: null,
};

/** Changes the room and tells everyone what became different. */
function change(room, work) {
  const before = structuredClone(room.view);
  work(room.view);
  settle(room.view);
  const base = room.seq;
  room.seq += 1;
  const set = {};
  for (const key of Object.keys(room.view))
    if (key !== "venues" && JSON.stringify(before[key]) !== JSON.stringify(room.view[key])) set[key] = room.view[key];
  const venues = Object.fromEntries(Object.entries(room.view.venues).filter(([id, v]) => JSON.stringify(before.venues[id]) !== JSON.stringify(v)));
  const message = { type: "delta", seq: room.seq, base, at: minutesAgo(0), set, venues, gone: [] };
  for (const socket of room.clients) socket.send(JSON.stringify(message));
}

function attend(socket) {
  let room = null;
  socket.on("message", (data) => {
    const message = JSON.parse(String(data));
    if (message.type === "hello") {
      const link = message.token === undefined ? null : linkOf(message.token);
      room = link?.room ?? rooms.get(message.conference) ?? null;
      if (room === null) return socket.close(4404);
      room.clients.add(socket);
      socket.snapshot = () => socket.send(JSON.stringify({ type: "snapshot", seq: room.seq, view: room.view, you: link?.kind === "station" ? { role: "station", venue: link.venue.id } : { role: link?.kind ?? "operator", venue: null }, now: minutesAgo(0) }));
      socket.snapshot();
      socket.send(JSON.stringify({ type: "speaking", levels: [["v-main", 20], ["v-guangdong", 30]] }));
      if (link === null) socket.send(JSON.stringify({ type: "telephone", ...TELEPHONE }));
      if (link?.kind === "station") socket.send(JSON.stringify({ type: "quality", own: { loss: 0.004, rtt: 0.031, bitrate: 1_840_000 } }));
      else socket.send(JSON.stringify({ type: "quality", venues: { "v-tibet": { loss: 0.12, rtt: 0.2, bitrate: 3e5 }, "v-yunnan": { loss: 0.034, rtt: 0.1, bitrate: 9e5 }, "v-zhejiang": { loss: 0.001, rtt: 0.02, bitrate: 18e5 } } }));
      return;
    }
    if (message.type === "ping") return socket.send('{"type":"pong"}');
    if (message.type === "resync") return socket.snapshot();
    const command = COMMANDS[message.command.type];
    if (command !== undefined) change(room, (view) => command(view, message.command));
    const refusal = error("not_here", "模拟服务器不支持此操作。", "The stand-in does not know this.").error;
    socket.send(JSON.stringify({ type: "result", id: message.id, ...(command ? { ok: true, seq: room.seq } : { ok: false, error: refusal }) }));
  });
  socket.on("close", () => room?.clients.delete(socket));
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://mock");
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const send = (status, type, body) => {
      response.writeHead(status, { "content-type": type, "content-security-policy": "default-src 'self'; media-src 'self' blob:; frame-ancestors 'none'" });
      response.end(body);
    };
    if (url.pathname.startsWith("/api/")) {
      const [status, json] = api(request, url, Buffer.concat(chunks).toString());
      return send(status, "application/json", json === undefined ? undefined : JSON.stringify(json));
    }
    if (/^\/wh[ie]p/.test(url.pathname)) {
      // dev/fake-media.js plays the browser's side; its "answers" need no content.
      if (request.method === "POST") {
        response.writeHead(201, { location: `/whep/${Math.random().toString(36).slice(2)}`, etag: '"1"', "content-type": "application/sdp" });
        return response.end("v=0\r\n");
      }
      return send(204, "text/plain");
    }
    const file = new URL(`.${url.pathname}`, STATIC);
    if (url.pathname !== "/" && existsSync(file)) {
      response.writeHead(200, { "content-type": TYPES[url.pathname.split(".").pop()] ?? "application/octet-stream" });
      return createReadStream(file).pipe(response);
    }
    send(200, "text/html; charset=utf-8", indexHtml(STATIC));
  });
});
new WebSocketServer({ server, path: "/api/ws" }).on("connection", attend);
server.listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}/console/small`));
