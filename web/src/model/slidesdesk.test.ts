import { describe, expect, it } from "vitest";
import type { Command, Slides } from "../protocol/wire";
import { Api, ApiError } from "./api";
import { SlidesDesk } from "./slidesdesk";

const SLIDES: Slides = { day: "2023-03-01", language: "zh", pages: ["summary", "map"], page: 1 };

function desk(now: Slides | null, status = 200) {
  const commands: Command[] = [];
  const asked: string[] = [];
  const api = new Api(async (path) => {
    asked.push(String(path));
    const pages = [{ id: "summary", title: "Summary" }, { id: "map", title: "Map" }];
    const body = status === 200 ? { pages } : { error: { code: "nothing_known", fault: "client", zh: "无", en: "None" } };
    return new Response(JSON.stringify(body), { status });
  });
  const made = new SlidesDesk(api, () => now, async (command) => (commands.push(command), true));
  return { made, commands, asked };
}

describe("the console's slides", () => {
  it("are all pages of the briefing of a day", async () => {
    const { made, commands, asked } = desk(null);
    await made.show("2023-03-01", "en");
    expect(asked).toEqual(["/api/situation/briefing?day=2023-03-01&lang=en"]);
    expect(commands).toEqual([{ type: "show_slides", day: "2023-03-01", language: "en", pages: ["summary", "map"] }]);
    expect(made.titles.get().get("map")).toBe("Map");
  });

  it("are not shown where there is no briefing", async () => {
    const { made, commands } = desk(null, 404);
    await expect(made.show("1999-01-01", "zh")).rejects.toBeInstanceOf(ApiError);
    expect(commands).toEqual([]);
  });

  it("are turned within their ends, hidden, and put back", () => {
    const { made, commands } = desk(SLIDES);
    made.turn(-1);
    made.turn(1);
    made.hide();
    made.again();
    expect(commands).toEqual([
      { type: "turn_slide", page: 2 },
      { type: "hide_slides" },
      { type: "show_slides", day: "2023-03-01", language: "zh", pages: ["summary", "map"] },
    ]);
    const none = desk(null);
    none.made.turn(1);
    none.made.again();
    expect(none.commands).toEqual([]);
  });

  it("learn their titles once, and do without where they cannot", async () => {
    const { made, asked } = desk(SLIDES);
    await made.know(SLIDES);
    await made.know({ ...SLIDES, page: 2 });
    expect(asked.length).toBe(1);
    await desk(SLIDES, 404).made.know(SLIDES);
  });
});
