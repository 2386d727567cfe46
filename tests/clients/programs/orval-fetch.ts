// What orval's client sends its requests with.

import { base, fetchAsBrowser } from "./session.js";

export async function send<T>(path: string, options: RequestInit): Promise<T> {
  const answer = await fetchAsBrowser(base + path, options);
  const text = await answer.text();
  return { status: answer.status, data: text && JSON.parse(text), headers: answer.headers } as T;
}
