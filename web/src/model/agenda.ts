import type { AgendaItem, Phase } from "../protocol/wire";
import type { Key } from "./i18n";

export type ItemState = "waiting" | "running" | "done";

export function itemState(item: AgendaItem): ItemState {
  if (item.finished_at !== null) return "done";
  return item.started_at !== null ? "running" : "waiting";
}

export interface ItemTime {
  /** Seconds since it began. */
  elapsed: number;
  /** Seconds of the plan that are left; negative when over. */
  left: number;
}

/** `now` in server milliseconds. */
export function itemTime(item: AgendaItem, now: number): ItemTime {
  if (item.started_at === null) return { elapsed: 0, left: item.planned };
  const end = item.finished_at === null ? now : Date.parse(item.finished_at);
  const elapsed = Math.max(0, (end - Date.parse(item.started_at)) / 1000);
  return { elapsed, left: item.planned - elapsed };
}

/** Seconds from an ISO time until `now`; 0 for none and for the future. */
export function since(iso: string | null, now: number): number {
  return iso === null ? 0 : Math.max(0, (now - Date.parse(iso)) / 1000);
}

/** Seconds until an ISO time; negative once it has passed. */
export function until(iso: string, now: number): number {
  return (Date.parse(iso) - now) / 1000;
}

export type PhaseCommand =
  | "begin_rehearsal"
  | "end_rehearsal"
  | "open_conference"
  | "start_session"
  | "adjourn"
  | "close_conference";

export interface PhaseAction {
  command: PhaseCommand;
  label: Key;
  /** The step that is usually next. */
  primary: boolean;
  confirm: boolean;
}

/** What the console offers in each phase. The core decides; this only draws buttons. */
export const PHASE_ACTIONS: Readonly<Record<Phase, readonly PhaseAction[]>> = {
  scheduled: [
    { command: "begin_rehearsal", label: "phase_do_rehearsal", primary: false, confirm: false },
    { command: "open_conference", label: "phase_do_open", primary: true, confirm: false },
  ],
  rehearsal: [
    { command: "end_rehearsal", label: "phase_do_end_rehearsal", primary: false, confirm: false },
    { command: "open_conference", label: "phase_do_open", primary: true, confirm: false },
  ],
  open: [
    { command: "start_session", label: "phase_do_start", primary: true, confirm: false },
    { command: "close_conference", label: "phase_do_close", primary: false, confirm: true },
  ],
  in_session: [
    { command: "adjourn", label: "phase_do_adjourn", primary: false, confirm: true },
    { command: "close_conference", label: "phase_do_close", primary: false, confirm: true },
  ],
  adjourned: [
    { command: "start_session", label: "phase_do_resume", primary: true, confirm: false },
    { command: "close_conference", label: "phase_do_close", primary: false, confirm: true },
  ],
  closed: [],
};
