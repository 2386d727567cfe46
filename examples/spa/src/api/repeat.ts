import type { Middleware } from "openapi-fetch";
import { CSRF_HEADER, csrfToken } from "./csrf";

/**
 * Whether what a call was refused for has been mended, so that it is worth sending again. `sent` says
 * when it was sent, by the clock of the page.
 */
type Mend = (response: Response, sent: number) => Promise<boolean>;

/** Sends a refused call again, once, if `mend` says so. */
export function repeatAfter(mend: Mend): Middleware {
  // A body can be read once, so that the copy has to be made before the call is sent.
  const calls = new Map<string, { copy: Request; sent: number }>();
  return {
    onRequest({ id, request }) {
      calls.set(id, { copy: request.clone(), sent: performance.now() });
    },
    async onResponse({ id, response }) {
      const call = calls.get(id);
      calls.delete(id);
      if (!call || response.ok || !(await mend(response, call.sent))) return;
      const { copy } = call;
      if (copy.headers.has(CSRF_HEADER)) copy.headers.set(CSRF_HEADER, await csrfToken());
      return fetch(copy);
    },
    onError({ id }) {
      calls.delete(id);
    },
  };
}
