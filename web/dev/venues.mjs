/** Made-up conferences for looking at the pages without a server. */
import { readFileSync } from "node:fs";

const PROVINCES = [
  ["北京", "Beijing", "beijing bj"], ["天津", "Tianjin", "tianjin tj"], ["河北", "Hebei", "hebei hb"],
  ["山西", "Shanxi", "shanxi sx"], ["内蒙古", "Inner Mongolia", "neimenggu nmg"], ["辽宁", "Liaoning", "liaoning ln"],
  ["吉林", "Jilin", "jilin jl"], ["黑龙江", "Heilongjiang", "heilongjiang hlj"], ["上海", "Shanghai", "shanghai sh"],
  ["江苏", "Jiangsu", "jiangsu js"], ["浙江", "Zhejiang", "zhejiang zj"], ["安徽", "Anhui", "anhui ah"],
  ["福建", "Fujian", "fujian fj"], ["江西", "Jiangxi", "jiangxi jx"], ["山东", "Shandong", "shandong sd"],
  ["河南", "Henan", "henan hn"], ["湖北", "Hubei", "hubei hb"], ["湖南", "Hunan", "hunan hn"],
  ["广东", "Guangdong", "guangdong gd"], ["广西", "Guangxi", "guangxi gx"], ["海南", "Hainan", "hainan hn"],
  ["重庆", "Chongqing", "chongqing cq"], ["四川", "Sichuan", "sichuan sc"], ["贵州", "Guizhou", "guizhou gz"],
  ["云南", "Yunnan", "yunnan yn"], ["西藏", "Tibet", "xizang xz"], ["陕西", "Shaanxi", "shaanxi sx"],
  ["甘肃", "Gansu", "gansu gs"], ["青海", "Qinghai", "qinghai qh"], ["宁夏", "Ningxia", "ningxia nx"],
  ["新疆", "Xinjiang", "xinjiang xj"], ["新疆生产建设兵团", "Xinjiang Production and Construction Corps", "xinjiangshengchanjianshebingtuan xjscjsbt"],
];

function venue(id, organisation, zh, en, pinyin, order, kind = "branch") {
  return {
    id, organisation, name: { zh, en }, pinyin, kind, order, connection: "connected",
    since: minutesAgo(40), reason: null, camera: "working", microphone_device: "working",
    microphone: "closed_by_chair", floor: null, on_air: [], blind: [], telephones: [], call: null, people: [], excused: false,
  };
}

export function minutesAgo(minutes) {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

/** `count` venues: the main one, the provinces, then cities below them. */
export function makeView(id, count, phase) {
  const organisations = [
    { id: "o-ministry", name: { zh: "商务部", en: "Ministry of Commerce" }, parent: null, order: 1 },
    { id: "o-provinces", name: { zh: "各地商务主管部门", en: "Provincial commerce departments" }, parent: null, order: 10 },
  ];
  const venues = [venue("v-main", "o-ministry", "主会场（北京）", "Main venue (Beijing)", ["zhuhuichangbeijing", "zhcbj"], 1, "main")];
  let order = 100;
  for (const [zh, en, pinyin] of PROVINCES) {
    if (venues.length >= count) break;
    const key = en.toLowerCase().replaceAll(/[^a-z]/g, "");
    organisations.push({ id: `o-${key}`, name: { zh: `${zh}商务主管部门`, en: `${en} commerce department` }, parent: "o-provinces", order: order++ });
    venues.push(venue(`v-${key}`, `o-${key}`, zh, en, pinyin.split(" "), order));
  }
  if (count > venues.length) {
    const offices = { id: "o-offices", name: { zh: "驻地方特派员办事处", en: "Special commissioners' offices" }, parent: null, order: 5000 };
    organisations.push(offices);
    const some = Math.min(20, count - venues.length);
    for (let n = 0; n < some; n += 1)
      venues.push(venue(`v-office-${n}`, "o-offices", `驻${PROVINCES[n][0]}特派员办事处`, `Office in ${PROVINCES[n][1]}`, [`zhu${n}`, "ztpy"], 5000 + n));
  }
  for (let n = 0; venues.length < count; n += 1) {
    const [zh, en, pinyin] = PROVINCES[n % PROVINCES.length];
    const key = en.toLowerCase().replaceAll(/[^a-z]/g, "");
    const place = Math.floor(n / PROVINCES.length) + 1;
    venues.push(venue(`v-${key}-${place}`, `o-${key}`, `${zh}第${place}会场`, `${en} ${place}`, pinyin.split(" "), 10_000 + n));
  }
  disturb(venues);
  if (phase === "in_session" && count < 100) {
    const guest = venue("guest-1", null, "来宾电话 1", "Guest telephone 1", ["laibindianhua", "lbdh"], 2_000_000_001, "guest");
    venues.push({ ...guest, connection: "absent", since: null, camera: "unknown", microphone_device: "unknown", telephones: ["13900000000"], call: { stage: "joined", purpose: "dialled_in", since: minutesAgo(6), number: null, reason: null, noisy: false } });
  }
  const titles = [
    ["summary", "总结 2022 年促消费工作", "Summary of the work of 2022", 900],
    ["analysis", "分析当前消费形势", "The current consumption situation", 1200],
    ["deployment", "部署下一步重点工作", "Deployment of the next steps", 1500],
    ["speech", "商务部领导讲话", "Speech by the Vice Minister", 1800],
  ];
  const running = phase === "in_session";
  const agenda = titles.map(([kind, zh, en, planned], i) => ({
    id: `i${i + 1}`, kind, title: { zh, en }, planned, speaker: "v-main", points: [],
    started_at: running && i < 2 ? minutesAgo(i === 0 ? 42 : 12) : null,
    finished_at: running && i === 0 ? minutesAgo(13) : null,
  }));
  const queue = running ? [["v-zhejiang", 0.7], ["v-xinjiang", 0.2]] : [];
  const view = {
    id, title: { zh: "全国促进消费工作视频电话会议", en: "National Consumption Promotion Work Video and Telephone Conference" },
    starts_at: running ? minutesAgo(44) : new Date(Date.now() + 750_000).toISOString(), phase, phase_since: minutesAgo(42),
    session_started_at: running ? minutesAgo(42.2) : null, agenda, current_item: running ? "i2" : null,
    organisations, place: { zh: "北京", en: "Beijing" }, recording: running,
    slides: null,
    program: running ? { main: "v-main", second: null, content: null } : { main: null, second: null, content: null },
    documents: [],
    preview: { main: "v-zhejiang", second: null, content: null },
    floor: {
      holders: running ? [{ venue: "v-main", at: minutesAgo(8.2) }] : [],
      queue: queue.map(([v, m]) => ({ venue: v, at: minutesAgo(m) })).filter((e) => venues.some((v) => v.id === e.venue)),
    },
    counts: {}, venues: Object.fromEntries(venues.map((v) => [v.id, v])),
  };
  settle(view);
  return view;
}

/** A few venues with every kind of trouble. */
function disturb(venues) {
  const set = (id, change) => Object.assign(venues.find((v) => v.id === id) ?? {}, change);
  set("v-main", { microphone: "open", floor: "holds" });
  set("v-hainan", { camera: "denied", since: minutesAgo(52) });
  set("v-shanxi", { connection: "lost", reason: "network", since: minutesAgo(3) });
  set("v-tibet", { connection: "degraded", reason: "slow", since: minutesAgo(1) });
  set("v-qinghai", { connection: "connecting" });
  set("v-gansu", { connection: "absent", since: null, camera: "unknown", microphone_device: "unknown" });
  set("v-guangdong", { microphone: "open" });
  const call = (stage, more = {}) => ({ stage, purpose: "called", since: minutesAgo(2), number: null, reason: null, noisy: false, ...more });
  const numbers = ["+8635112345678", "8001"];
  for (const v of venues.slice(1, 33)) v.telephones = numbers;
  set("v-shanxi", { call: call("joined", { purpose: "fallback", number: numbers[0] }) });
  set("v-gansu", { call: call("ringing", { number: numbers[1], reason: "busy" }) });
  set("v-ningxia", { connection: "absent", since: null, camera: "unknown", microphone_device: "unknown", call: call("joined", { purpose: "dialled_in", noisy: true }) });
  set("v-guizhou", { connection: "absent", since: null, call: call("ended", { reason: "no_answer" }) });
  set("v-jilin", { connection: "absent", since: null });
  set("v-fujian", { microphone: "closed_at_venue" });
}

/** Recomputes what follows from the rest: counts, floor places, slots on air. */
export function settle(view) {
  const venues = Object.values(view.venues);
  const invited = venues.filter((v) => v.kind !== "guest");
  view.counts = { invited: invited.length, absent: 0, connecting: 0, connected: 0, degraded: 0, lost: 0, present: 0, telephone: 0, guests: venues.length - invited.length };
  for (const v of invited) {
    const telephone = v.call?.stage === "joined";
    view.counts[v.connection] += 1;
    view.counts.telephone += telephone;
    view.counts.present += telephone || !["absent", "lost"].includes(v.connection);
  }
  for (const v of venues) {
    v.on_air = ["main", "second", "content"].filter((slot) => view.program[slot] === v.id);
    const place = view.floor.queue.findIndex((e) => e.venue === v.id);
    v.floor = view.floor.holders.some((e) => e.venue === v.id) ? "holds" : place < 0 ? null : place + 1;
  }
}

export function indexHtml(folder) {
  return readFileSync(new URL("index.html", folder));
}
