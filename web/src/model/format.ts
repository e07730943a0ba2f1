import type { Locale } from "./i18n";

/** `750` -> "12:30", `4530` -> "1:15:30"; whole seconds, never negative. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** `4530` -> "01:15:30": for running clocks, whose width must not jump. */
export function longDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return parts.map((p) => String(p).padStart(2, "0")).join(":");
}

/** "09:05" in the reader's zone, 24-hour clock. */
export function timeOfDay(iso: string): string {
  const date = new Date(iso);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "09:05:12". */
export function preciseTime(iso: string): string {
  return `${timeOfDay(iso)}:${two(new Date(iso).getSeconds())}`;
}

/** "2023-03-01 09:05". */
export function dateTime(iso: string): string {
  const d = new Date(iso);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${timeOfDay(iso)}`;
}

/** "1 March 2023" or "2023年3月1日", with the day of the week. */
export function longDate(iso: string, locale: Locale): string {
  return new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", {
    dateStyle: "full",
  }).format(new Date(iso));
}

/** The value of `<input type="datetime-local">` for a moment, in the reader's zone. */
export function localInput(moment: Date): string {
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${date}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** `0.034` -> "3.4 %"; `1_840_000` bit/s -> "1.8 Mbit/s". */
export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
}

export function bitrate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

/** Eight digits in two groups, to be read out: "1234 5678". */
export function spaced(pin: string): string {
  return pin.replace(/(\d{4})(?=\d)/g, "$1 ");
}
