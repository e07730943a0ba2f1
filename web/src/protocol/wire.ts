/**
 * What goes over the wire, as docs/protocol.md says it. Times are ISO 8601 UTC texts, lengths
 * are seconds, identifiers are opaque strings.
 */

export interface Text {
  zh: string;
  en: string;
}

export type Phase = "scheduled" | "rehearsal" | "open" | "in_session" | "adjourned" | "closed";
export type ItemKind = "summary" | "analysis" | "deployment" | "speech" | "exchange" | "other";
export type Attachment = "absent" | "connecting" | "connected" | "degraded" | "lost";
export type DeviceState = "unknown" | "working" | "denied" | "missing" | "failed";
export type MicrophoneState = "open" | "closed_by_chair" | "closed_at_venue";
export type Slot = "main" | "second" | "content";
export type Size = "low" | "mid" | "high";
export type VenueKind = "main" | "branch";
export type ConferenceRole = AccountRole | "station" | "wall";
export type AccountRole = "administrator" | "office" | "chair" | "operator" | "observer";

export interface AgendaItem {
  id: string;
  kind: ItemKind;
  title: Text;
  planned: number;
  speaker: string | null;
  started_at: string | null;
  finished_at: string | null;
}

export interface Organisation {
  id: string;
  name: Text;
  parent: string | null;
  order: number;
}

export interface Program {
  main: string | null;
  second: string | null;
  content: string | null;
}

export interface FloorEntry {
  venue: string;
  at: string;
}

/** As a console sees it. A station sees other venues without what follows `on_air`. */
export interface Venue {
  id: string;
  organisation: string;
  name: Text;
  pinyin: string[];
  kind: VenueKind;
  order: number;
  connection: Attachment;
  since: string | null;
  reason: string | null;
  camera: DeviceState;
  microphone_device: DeviceState;
  microphone: MicrophoneState;
  /** `"holds"`, or the place in the queue counted from 1. */
  floor: null | "holds" | number;
  on_air: Slot[];
  blind: Slot[];
}

export interface Counts {
  invited: number;
  connected: number;
  degraded: number;
  lost: number;
  absent: number;
  connecting: number;
}

/** The view without its venues: the keys that a delta may `set`. Stations get neither `preview`
 * nor `counts`. */
export interface ViewHead {
  id: string;
  title: Text;
  starts_at: string;
  phase: Phase;
  phase_since: string | null;
  session_started_at: string | null;
  agenda: AgendaItem[];
  current_item: string | null;
  organisations: Organisation[];
  program: Program;
  preview: Program;
  floor: { holders: FloorEntry[]; queue: FloorEntry[] };
  counts: Counts;
}


export interface View extends ViewHead {
  venues: Record<string, Venue>;
}

export interface ErrorBody {
  code: string;
  fault: "client" | "server" | "peer";
  zh: string;
  en: string;
  details?: unknown;
}

export interface Publish {
  video: "off" | Size;
  sound: boolean;
  content: boolean;
}

export interface Quality {
  loss: number;
  rtt: number | null;
  bitrate: number;
}

export interface You {
  role: ConferenceRole;
  venue?: string | null;
}

export type ServerMessage =
  | { type: "snapshot"; seq: number; view: View; you: You; now: string }
  | {
      type: "delta";
      seq: number;
      base: number;
      at: string;
      set: Partial<ViewHead>;
      venues: Record<string, Venue>;
      gone: string[];
    }
  | { type: "result"; id: number; ok: true; seq: number }
  | { type: "result"; id: number; ok: false; error: ErrorBody }
  | ({ type: "publish" } & Publish)
  | { type: "speaking"; levels: [string, number][] }
  | { type: "quality"; venues?: Record<string, Quality>; own?: Quality }
  | { type: "superseded" }
  | { type: "pong" }
  | { type: "error"; error: ErrorBody };

export type Command =
  | { type: "begin_rehearsal" }
  | { type: "end_rehearsal" }
  | { type: "open_conference" }
  | { type: "start_session" }
  | { type: "adjourn" }
  | { type: "close_conference" }
  | { type: "start_item"; item: string }
  | { type: "finish_item"; item: string }
  | { type: "set_preview"; program: Program }
  | { type: "take" }
  | { type: "put_on_air"; slot: Slot; venue: string | null }
  | { type: "cut_to_main" }
  | { type: "open_microphone"; venue: string }
  | { type: "close_microphone"; venue: string }
  | { type: "close_all_microphones"; main_too: boolean }
  | { type: "switch_own_microphone"; venue: string; closed: boolean }
  | { type: "request_floor"; venue: string }
  | { type: "withdraw_request"; venue: string }
  | { type: "grant_floor"; venue: string; slot?: Slot | null }
  | { type: "release_floor"; venue: string }
  | { type: "report_devices"; venue: string; camera: DeviceState; microphone: DeviceState };

export type ClientMessage =
  | { type: "hello"; token?: string; conference?: string; after?: number }
  | { type: "command"; id: number; command: Command }
  | { type: "resync" }
  | { type: "ping" };

// --- HTTP

export interface Account {
  id: string;
  name: string;
  role: AccountRole;
}

export interface SessionAnswer {
  account: Account;
  csrf: string;
}

export interface DirectoryOrganisation extends Organisation {
  level: string;
}

export interface DirectoryVenue {
  id: string;
  organisation: string;
  name: Text;
  kind: VenueKind;
  order: number;
  pinyin: string[];
}

export interface Directory {
  organisations: DirectoryOrganisation[];
  venues: DirectoryVenue[];
}

export interface ImportChange {
  kind: "add" | "change" | "same";
  line: number;
  organisation: DirectoryOrganisation;
  venue: DirectoryVenue | null;
  fields: string[];
}

export interface ImportError {
  line: number;
  column: string;
  zh: string;
  en: string;
}

export interface ImportReport {
  applied: boolean;
  changes: ImportChange[];
  errors: ImportError[];
}

export interface AgendaPlan {
  id?: string;
  kind: ItemKind;
  title: Text;
  planned: number;
  speaker?: string | null;
}

export interface Template {
  id: string;
  name: Text;
  title: Text;
  agenda: AgendaPlan[];
}

export interface ConferenceSummary {
  id: string;
  title: Text;
  starts_at: string;
  phase: Phase;
  venues: number;
}

export interface LinkState {
  venue: string;
  issued_at: string | null;
  last_used_at: string | null;
}

export interface IssuedLink {
  venue: string;
  url: string;
  token: string;
}

export interface IssuedLinks {
  links: IssuedLink[];
  wall: { url: string; token: string } | null;
}

export type JoinedConference = Omit<ConferenceSummary, "venues">;

export type JoinAnswer =
  | {
      kind: "station";
      conference: JoinedConference;
      venue: { id: string; name: Text; kind: VenueKind };
    }
  | { kind: "wall"; conference: JoinedConference };

/** One entry of the log. */
export interface LogEntry {
  seq: number;
  at: string;
  by: { role: string; id: string; venue?: string | null };
  event: { type: string; venue?: string } & Record<string, unknown>;
}
