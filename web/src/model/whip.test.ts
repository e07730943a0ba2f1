import { describe, expect, it } from "vitest";
import { activeLayers, demand, ENCODINGS } from "./whip";

const copies = () => ENCODINGS.map((e) => ({ ...e }));
const active = (encodings: RTCRtpEncodingParameters[]) => encodings.filter((e) => e.active).map((e) => e.rid);

describe("publish on demand", () => {
  it("sends nothing until it is asked", () => expect(active(copies())).toEqual([]));

  it.each([
    ["off", []],
    ["low", ["low"]],
    ["mid", ["low", "mid"]],
    ["high", ["low", "mid", "high"]],
  ] as const)("%s means %o", (video, layers) => {
    const encodings = copies();
    demand(encodings, video);
    expect(active(encodings)).toEqual(layers);
    expect([...activeLayers(video)]).toEqual(layers);
  });

  it("does not trouble the browser when nothing changes", () => {
    const encodings = copies();
    expect(demand(encodings, "mid")).toBe(true);
    expect(demand(encodings, "mid")).toBe(false);
  });

  it("knows only on and off without simulcast", () => {
    const screen: RTCRtpEncodingParameters[] = [{ active: false }];
    demand(screen, "high");
    expect(screen[0]?.active).toBe(true);
    demand(screen, "off");
    expect(screen[0]?.active).toBe(false);
  });
});
