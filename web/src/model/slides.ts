import type { Slides } from "../protocol/wire";
import { Cell, type Readable } from "./cell";
import { mainVenue, type ConferenceView } from "./conference";
import { Backoff, systemTimers, type Timers } from "./time";

/** The slides that this venue has to send; null for all venues but the main one. */
export function slidesOf(view: ConferenceView | null, venue: string): Slides | null {
  return view !== null && mainVenue(view)?.id === venue ? view.slides : null;
}

/** Whether the slides are what everybody sees now. */
export function slidesOnAir(view: ConferenceView): boolean {
  return view.slides !== null && view.program.content !== null && view.program.content === mainVenue(view)?.id;
}

/** The page before or after; null at either end. */
export function pageAt(slides: Slides, step: 1 | -1): number | null {
  const page = slides.page + step;
  return page >= 1 && page <= slides.pages.length ? page : null;
}

/** Where pictures are drawn, and what of it is sent. */
export interface Screen<P> {
  readonly stream: MediaStream;
  draw(picture: P): void;
  stop(): void;
}

export interface SlideFeedOptions<P> {
  /** The picture of a page, from 1. */
  load: (page: number) => Promise<P>;
  open: () => Screen<P>;
  timers?: Timers;
  random?: () => number;
}

/** A still picture is sent again and again: who comes later must not wait for the next page. */
const REPAINT = 200;

/**
 * The slides as a stream: loads the picture of the page that is shown, draws it, and keeps drawing
 * it. A picture that does not come is asked for again; until it comes the one before stays.
 */
export class SlideFeed<P> {
  readonly #stream = new Cell<MediaStream | null>(null);
  readonly #timers: Timers;
  readonly #backoff: Backoff;
  #screen: Screen<P> | null = null;
  #picture: P | null = null;
  #wanted = "";
  #cancelRepaint: () => void = () => {};
  #cancelRetry: () => void = () => {};
  /** The page after this one, which is usually next. */
  #ahead: { key: string; picture: Promise<P> } | null = null;

  constructor(private readonly options: SlideFeedOptions<P>) {
    this.#timers = options.timers ?? systemTimers;
    this.#backoff = new Backoff(500, 4000, options.random);
  }

  /** What is to be sent; null while nothing is. */
  get stream(): Readable<MediaStream | null> {
    return this.#stream;
  }

  show(slides: Slides | null): void {
    if (slides === null) return this.stop();
    const key = keyOf(slides, slides.page);
    if (key === this.#wanted) return;
    this.#wanted = key;
    this.#backoff.reset();
    void this.#load(slides, key);
  }

  stop(): void {
    this.#wanted = "";
    this.#cancelRetry();
    this.#cancelRepaint();
    this.#ahead = null;
    this.#picture = null;
    this.#screen?.stop();
    this.#screen = null;
    this.#stream.set(null);
  }

  async #load(slides: Slides, key: string): Promise<void> {
    this.#cancelRetry();
    try {
      const picture = await (this.#ahead?.key === key ? this.#ahead.picture : this.options.load(slides.page));
      if (key !== this.#wanted) return;
      this.#draw(picture);
      this.#lookAhead(slides);
    } catch {
      this.#ahead = null;
      if (key !== this.#wanted) return;
      this.#cancelRetry = this.#timers.after(this.#backoff.next(), () => void this.#load(slides, key));
    }
  }

  #draw(picture: P): void {
    this.#picture = picture;
    const screen = (this.#screen ??= this.options.open());
    screen.draw(picture);
    this.#cancelRepaint();
    this.#cancelRepaint = this.#timers.every(REPAINT, () => {
      if (this.#picture !== null) this.#screen?.draw(this.#picture);
    });
    this.#stream.set(screen.stream);
  }

  #lookAhead(slides: Slides): void {
    const next = pageAt(slides, 1);
    if (next === null) return;
    const picture = this.options.load(next);
    picture.catch(() => undefined); // it will be asked for again
    this.#ahead = { key: keyOf(slides, next), picture };
  }
}

function keyOf(slides: Slides, page: number): string {
  return [slides.day, slides.language, page, slides.pages[page - 1]].join(" ");
}

const WIDTH = 1920;
const HEIGHT = 1080;
const FRAMES = 5;

/** A canvas of the size of a slide, as a stream. */
export function canvasScreen(): Screen<ImageBitmap> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext("2d", { alpha: false });
  const stream = canvas.captureStream(FRAMES);
  for (const track of stream.getVideoTracks()) track.contentHint = "detail";
  return {
    stream,
    draw: (picture) => context?.drawImage(picture, 0, 0, WIDTH, HEIGHT),
    stop: () => stream.getTracks().forEach((track) => track.stop()),
  };
}

/** Asks the server for the pictures of the slides that are shown, by the station's link. */
export function slideLoader(headers: () => Record<string, string>): (page: number) => Promise<ImageBitmap> {
  return async (page) => {
    const response = await fetch(`/api/join/slides/${page}`, { headers: headers() });
    if (!response.ok) throw new Error(`slide ${page}: ${response.status}`);
    return createImageBitmap(await response.blob());
  };
}
