import type * as wire from "../protocol/wire";
import { bodyOf } from "./media";

/** The server refused, or could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: wire.ErrorBody,
  ) {
    super(body.code);
  }
}

const UNREACHABLE: wire.ErrorBody = {
  code: "unreachable",
  fault: "peer",
  zh: "无法连接服务器，请检查网络后重试。",
  en: "The server cannot be reached. Check the network, then try again.",
};

const UNREADABLE: wire.ErrorBody = {
  code: "unreadable",
  fault: "server",
  zh: "服务器出错，请稍后重试；若仍出现，请告知管理员。",
  en: "The server failed. Try again shortly; if it happens again, tell the administrator.",
};

export type Body = { json: unknown } | { csv: string } | { file: Blob } | undefined;

/** The HTTP API as an account sees it; keeps the CSRF token. */
export class Api {
  #csrf = "";

  constructor(private readonly fetcher: typeof fetch = (...args) => fetch(...args)) {}

  /** For requests that the media clients make on an account's behalf. */
  headers(): Record<string, string> {
    return { "x-csrf-token": this.#csrf };
  }

  async session(): Promise<wire.SessionAnswer> {
    return this.#keep(await this.#ask<wire.SessionAnswer>("GET", "/api/session"));
  }

  async signIn(name: string, password: string): Promise<wire.SessionAnswer> {
    const json = { name, password };
    return this.#keep(await this.#ask<wire.SessionAnswer>("POST", "/api/session", { json }));
  }

  async signOut(): Promise<void> {
    await this.#ask("DELETE", "/api/session");
    this.#csrf = "";
  }

  accounts(): Promise<{ accounts: wire.Account[] }> {
    return this.#ask("GET", "/api/accounts");
  }

  createAccount(account: { name: string; password: string; role: wire.AccountRole; organisation?: string }): Promise<wire.Account> {
    return this.#ask("POST", "/api/accounts", { json: account });
  }

  changeAccount(
    id: string,
    change: { role?: wire.AccountRole; password?: string },
  ): Promise<wire.Account> {
    return this.#ask("PATCH", `/api/accounts/${encodeURIComponent(id)}`, { json: change });
  }

  removeAccount(id: string): Promise<void> {
    return this.#ask("DELETE", `/api/accounts/${encodeURIComponent(id)}`);
  }

  directory(): Promise<wire.Directory> {
    return this.#ask("GET", "/api/directory");
  }

  importDirectory(csv: string, apply: boolean): Promise<wire.ImportReport> {
    return this.#ask("POST", `/api/directory/import?apply=${apply}`, { csv });
  }

  templates(): Promise<{ templates: wire.Template[] }> {
    return this.#ask("GET", "/api/templates");
  }

  conferences(): Promise<{ conferences: wire.ConferenceSummary[] }> {
    return this.#ask("GET", "/api/conferences");
  }

  createConference(conference: wire.NewConference): Promise<{ id: string }> {
    return this.#ask("POST", "/api/conferences", { json: conference });
  }

  conference(id: string): Promise<{ seq: number; view: wire.View }> {
    return this.#ask("GET", `/api/conferences/${encodeURIComponent(id)}`);
  }

  events(id: string, after: number, limit: number): Promise<{ events: wire.LogEntry[]; more: boolean }> {
    const query = `after=${after}&limit=${limit}`;
    return this.#ask("GET", `/api/conferences/${encodeURIComponent(id)}/events?${query}`);
  }

  links(id: string): Promise<{ links: wire.LinkState[] }> {
    return this.#ask("GET", `/api/conferences/${encodeURIComponent(id)}/links`);
  }

  issueLinks(id: string, venues: wire.IssueLinks["venues"], wall: boolean): Promise<wire.IssuedLinks> {
    const json = { venues, wall };
    return this.#ask("POST", `/api/conferences/${encodeURIComponent(id)}/links`, { json });
  }

  /** Access number and trunks. */
  telephone(): Promise<wire.Telephone> {
    return this.#ask("GET", "/api/telephone");
  }

  liftPinLock(): Promise<void> {
    return this.#ask("DELETE", "/api/telephone/pin-lock");
  }

  issueGeneralPin(id: string): Promise<wire.IssuedPins> {
    const json = { venues: [], general: true };
    return this.#ask("POST", `/api/conferences/${encodeURIComponent(id)}/pins`, { json });
  }

  revokeGeneralPin(id: string): Promise<void> {
    return this.#ask("DELETE", `/api/conferences/${encodeURIComponent(id)}/pins`);
  }

  revokeLink(id: string, venue: string): Promise<void> {
    const path = `/api/conferences/${encodeURIComponent(id)}/links/${encodeURIComponent(venue)}`;
    return this.#ask("DELETE", path);
  }

  /** For parts of the API that have a client of their own. */
  request<T>(method: string, path: string, body?: Body): Promise<T> {
    return this.#ask(method, path, body);
  }

  #keep(answer: wire.SessionAnswer): wire.SessionAnswer {
    this.#csrf = answer.csrf;
    return answer;
  }

  async #ask<T>(method: string, path: string, body?: Body): Promise<T> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (method !== "GET") headers["x-csrf-token"] = this.#csrf;
    let content: string | Blob | undefined;
    if (body !== undefined && "json" in body) {
      headers["content-type"] = "application/json";
      content = JSON.stringify(body.json);
    } else if (body !== undefined && "file" in body) {
      headers["content-type"] = body.file.type || "application/octet-stream";
      content = body.file;
    } else if (body !== undefined) {
      headers["content-type"] = "text/csv; charset=utf-8";
      content = body.csv;
    }
    const request: RequestInit = { method, headers };
    if (content !== undefined) request.body = content;
    const response = await this.fetcher(path, request).catch(() => null);
    if (response === null) throw new ApiError(0, UNREACHABLE);
    if (!response.ok) throw new ApiError(response.status, (await bodyOf(response)) ?? UNREADABLE);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
}

/** By a station's or wall's link. Throws `ApiError`. */
export async function byLink<T>(
  token: string,
  method: "GET" | "POST",
  path: string,
  json?: unknown,
  fetcher: typeof fetch = (...args) => fetch(...args),
  read: (response: Response) => Promise<T> = (response) => response.json(),
): Promise<T> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  const request: RequestInit = { method, headers };
  if (json !== undefined) {
    headers["content-type"] = "application/json";
    request.body = JSON.stringify(json);
  }
  const response = await fetcher(path, request).catch(() => null);
  if (response === null) throw new ApiError(0, UNREACHABLE);
  if (!response.ok) throw new ApiError(response.status, (await bodyOf(response)) ?? UNREADABLE);
  return read(response);
}

/** What a station or wall link is for. */
export function join(token: string, fetcher?: typeof fetch): Promise<wire.JoinAnswer> {
  return byLink(token, "GET", "/api/join", undefined, fetcher);
}
