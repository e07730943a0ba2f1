import { initialLocale, locale, type Locale } from "../../model/i18n";
import { memory } from "../../model/store";
import { familyOf, initialTheme, storageKey, theme, type Theme } from "../../model/theme";

const LOCALE_KEY = "podium.locale";
const stored = memory(() => localStorage);

/** Language and appearance as chosen before; from here on the document follows the cells. */
export function applySettings(path: string): void {
  locale.set(initialLocale(stored.read(LOCALE_KEY), navigator.languages));
  const family = familyOf(path);
  theme.set(initialTheme(stored.read(storageKey(family)), family));
  locale.subscribe((l) => (document.documentElement.lang = l === "zh" ? "zh-CN" : "en"));
  theme.subscribe((t) => (document.documentElement.dataset["theme"] = t));
}

export function chooseLocale(choice: Locale): void {
  stored.write(LOCALE_KEY, choice);
  locale.set(choice);
}

export function chooseTheme(choice: Theme, path: string): void {
  stored.write(storageKey(familyOf(path)), choice);
  theme.set(choice);
}
