import { describe, expect, it } from "vitest";
import { credentials, fragment, restartedAnswer } from "./sdp";

const ANSWER = [
  "v=0",
  "o=- 1 1 IN IP4 0.0.0.0",
  "a=ice-lite",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=mid:0",
  "a=ice-ufrag:old",
  "a=ice-pwd:oldoldoldoldoldoldoldold",
  "a=candidate:1 1 udp 1 127.0.0.1 5000 typ host",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=mid:1",
  "a=ice-ufrag:old",
  "a=ice-pwd:oldoldoldoldoldoldoldold",
  "",
].join("\r\n");

describe("trickle fragments", () => {
  it("carry the credentials and the first m-line with its candidates", () => {
    expect(fragment(ANSWER)).toBe(
      [
        "a=ice-ufrag:old",
        "a=ice-pwd:oldoldoldoldoldoldoldold",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:0",
        "a=candidate:1 1 udp 1 127.0.0.1 5000 typ host",
        "",
      ].join("\r\n"),
    );
  });

  it("are empty for what is no description", () => {
    expect(fragment("")).toBe("");
    expect(credentials("v=0")).toBeNull();
  });
});

describe("ICE restart", () => {
  it("puts the new credentials into every section", () => {
    const answer = restartedAnswer(ANSWER, "a=ice-ufrag:new\r\na=ice-pwd:newnewnewnewnewnewnewnew\r\n");
    expect(answer).not.toContain("old");
    expect(answer?.match(/ice-ufrag:new/g)).toHaveLength(2);
    expect(answer).toContain("a=candidate:1 1 udp 1 127.0.0.1 5000 typ host");
  });

  it("takes new candidates instead of the old ones", () => {
    const candidate = "a=candidate:2 1 udp 1 10.0.0.1 6000 typ host";
    const answer = restartedAnswer(ANSWER, `a=ice-ufrag:n\na=ice-pwd:p\n${candidate}\n`);
    expect(answer).toContain(candidate);
    expect(answer).not.toContain("127.0.0.1");
  });

  it("needs credentials", () => expect(restartedAnswer(ANSWER, "a=mid:0\r\n")).toBeNull());
});
