import { derived, readable } from "svelte/store";
import { errorText, locale, pick, translator } from "../../model/i18n";
import type { ErrorBody, Text } from "../../protocol/wire";

/** `$t("key", {n: 3})`: a text of the pages in the reader's language. */
export const t = derived(locale, (l) => translator(l));

/** `$named(venue.name)`: a name or title in the reader's language. */
export const named = derived(locale, (l) => (text: Text) => pick(text, l));

/** `$told(error)`: what an error says to a person. */
export const told = derived(locale, (l) => (error: ErrorBody) => errorText(error, l));

/** Client milliseconds, twice a second, for clocks on the screen. */
export const tick = readable(Date.now(), (set) => {
  set(Date.now());
  const timer = setInterval(() => set(Date.now()), 500);
  return () => clearInterval(timer);
});
