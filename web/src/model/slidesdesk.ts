import type { Command, Slides } from "../protocol/wire";
import type { Api } from "./api";
import { Cell, type Readable } from "./cell";
import type { Locale } from "./i18n";
import { SituationApi } from "./situation";
import { pageAt } from "./slides";

/** The briefing's slides as a console works them. */
export class SlidesDesk {
  readonly #titles = new Cell<ReadonlyMap<string, string>>(new Map());
  readonly #situation: SituationApi;
  #known = "";

  constructor(
    api: Api,
    private readonly now: () => Slides | null,
    private readonly command: (command: Command) => Promise<boolean>,
  ) {
    this.#situation = new SituationApi(api);
  }

  /** Titles of the pages by identifier, once they are known. */
  get titles(): Readable<ReadonlyMap<string, string>> {
    return this.#titles;
  }

  /** From the first page on. Raises `ApiError` where there is no briefing of that day. */
  async show(day: string, language: Locale): Promise<void> {
    const pages = await this.#read(day, language);
    await this.command({ type: "show_slides", day, language, pages });
  }

  /** Puts those that are shown back on air. */
  again(): void {
    const slides = this.now();
    if (slides === null) return;
    const { day, language, pages } = slides;
    void this.command({ type: "show_slides", day, language, pages });
  }

  turn(step: 1 | -1): void {
    const slides = this.now();
    const page = slides === null ? null : pageAt(slides, step);
    if (page !== null) void this.command({ type: "turn_slide", page });
  }

  hide(): void {
    void this.command({ type: "hide_slides" });
  }

  /** Learns the titles of slides that somebody else showed, or of before this page was opened. */
  async know(slides: Slides): Promise<void> {
    if (this.#known !== keyOf(slides.day, slides.language))
      await this.#read(slides.day, slides.language).catch(() => undefined); // they are a convenience
  }

  async #read(day: string, language: Locale): Promise<string[]> {
    this.#known = keyOf(day, language);
    const briefing = await this.#situation.briefing(day, language);
    this.#titles.set(new Map(briefing.pages.map((page) => [page.id, page.title])));
    return briefing.pages.map((page) => page.id);
  }
}

function keyOf(day: string, language: string): string {
  return `${day} ${language}`;
}
