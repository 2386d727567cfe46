// What a program needs beside a generated client: where its credentials are, in each mode.

import assert from "node:assert/strict";

export const [base, mode] = process.argv.slice(2) as [string, string];

export const credentials = { username: "ada", password: "correct horse battery staple" };

/** What a login or a refresh answers, whichever mode it is in. */
export interface Given {
  key?: string;
  access?: string;
  refresh?: string;
}

let authorization: string | undefined;
let refresh: string | undefined;
const cookies = new Map<string, string>();

/** Keeps what was given; the next requests carry it. */
export function keep(given: Given | undefined): void {
  if (given?.key) authorization = `Token ${given.key}`;
  if (given?.access && mode === "jwt") authorization = `Bearer ${given.access}`;
  if (given?.refresh) refresh = given.refresh;
}

/** The body of a refresh and of a logout: the refresh token, unless it is in a cookie. */
export function shown(): { refresh?: string } {
  return refresh === undefined ? {} : { refresh };
}

export const refreshes = mode.startsWith("jwt");

/** A browser: it keeps cookies, and a page of it sends the CSRF token. */
export const fetchAsBrowser: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  if (authorization) request.headers.set("Authorization", authorization);
  if (cookies.size > 0) {
    request.headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    request.headers.set("X-CSRFToken", cookies.get("csrftoken") ?? "");
  }
  const answer = await fetch(request);
  for (const line of answer.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === "" || value === '""') cookies.delete(name);
    else cookies.set(name, value);
  }
  return answer;
};

/** The calls of a client, each with the status and the body of its answer. */
export interface Calls {
  csrf(): Promise<number>;
  login(body: typeof credentials): Promise<{ status: number; data?: Given | undefined }>;
  user(): Promise<{ status: number; username?: string | undefined }>;
  refresh(body: { refresh?: string }): Promise<{ status: number; data?: Given | undefined }>;
  logout(body: { refresh?: string }): Promise<number>;
}

/** Logs in, refreshes and logs out. */
export async function run(client: string, calls: Calls): Promise<void> {
  assert.ok([200, 204].includes(await calls.csrf()), "csrf");
  const login = await calls.login(credentials);
  assert.ok([200, 204].includes(login.status), `login: ${login.status}`);
  keep(login.data);
  assert.equal((await calls.user()).username, "ada");
  if (refreshes) {
    const refreshed = await calls.refresh(shown());
    assert.equal(refreshed.status, 200, "refresh");
    keep(refreshed.data);
    assert.equal((await calls.user()).username, "ada");
  }
  assert.equal(await calls.logout(shown()), 200, "logout");
  assert.ok([401, 403].includes((await calls.user()).status), "the login goes on");
  console.log(`${client}, ${mode}: logged in${refreshes ? ", refreshed" : ""} and out`);
}
