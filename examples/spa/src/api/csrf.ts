import type { Middleware } from "openapi-fetch";
import { api } from "./client";

/** The header that proves that a page of ours sends a request, and not another site. */
export const CSRF_HEADER = "X-CSRFToken";

const SAFE = ["GET", "HEAD", "OPTIONS"];

function cookie(name: string): string | undefined {
  const cookies = document.cookie.split("; ").map((pair) => pair.split("="));
  return cookies.find(([found]) => found === name)?.[1];
}

/** The token. A login changes it, so that it is read anew for each call. */
export async function csrfToken(): Promise<string> {
  if (!cookie("csrftoken")) await api.GET("/csrf/");
  return cookie("csrftoken") ?? "";
}

/** Sends the token with every call that changes something. */
export const csrf: Middleware = {
  async onRequest({ request }) {
    if (!SAFE.includes(request.method)) request.headers.set(CSRF_HEADER, await csrfToken());
  },
};
