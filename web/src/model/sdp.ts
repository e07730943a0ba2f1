/**
 * The little of SDP that a WHIP or WHEP client must understand by itself: trickle fragments
 * (RFC 8840) for candidates and ICE restarts (RFC 9725, section 4.3).
 */

export interface IceCredentials {
  ufrag: string;
  pwd: string;
}

function lines(sdp: string): string[] {
  return sdp.split(/\r?\n/).filter((line) => line !== "");
}

function join(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join("");
}

function value(sdp: string, attribute: string): string | null {
  const prefix = `a=${attribute}:`;
  const line = lines(sdp).find((l) => l.startsWith(prefix));
  return line === undefined ? null : line.slice(prefix.length).trim();
}

/** The first credentials in a description or fragment; bundled, they are all the same. */
export function credentials(sdp: string): IceCredentials | null {
  const ufrag = value(sdp, "ice-ufrag");
  const pwd = value(sdp, "ice-pwd");
  return ufrag === null || pwd === null ? null : { ufrag, pwd };
}

/** The first m-line of a description as a trickle fragment; its candidates stand for the bundle. */
export function fragment(sdp: string): string {
  const all = lines(sdp);
  const start = all.findIndex((line) => line.startsWith("m="));
  const next = all.findIndex((line, i) => i > start && line.startsWith("m="));
  const section = start < 0 ? [] : all.slice(start, next < 0 ? undefined : next);
  const found = credentials(sdp);
  const head = found === null ? [] : [`a=ice-ufrag:${found.ufrag}`, `a=ice-pwd:${found.pwd}`];
  const kept = section.filter(
    (line) => /^a=(mid|candidate|end-of-candidates)/.test(line) || line.startsWith("m="),
  );
  return join([...head, ...kept]);
}

/**
 * The old answer with the new credentials, and the new candidates if there are any: what the
 * browser wants as the answer to its restart offer. Null if the fragment has no credentials.
 */
export function restartedAnswer(answer: string, restart: string): string | null {
  const fresh = credentials(restart);
  if (fresh === null) return null;
  const candidates = lines(restart).filter((line) => line.startsWith("a=candidate:"));
  const result: string[] = [];
  for (const line of lines(answer)) {
    if (line.startsWith("a=ice-ufrag:")) result.push(`a=ice-ufrag:${fresh.ufrag}`);
    else if (line.startsWith("a=ice-pwd:")) result.push(`a=ice-pwd:${fresh.pwd}`, ...candidates);
    else if (!(line.startsWith("a=candidate:") && candidates.length > 0)) result.push(line);
  }
  return join(result);
}
