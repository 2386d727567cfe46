import type { Middleware } from "openapi-fetch";

/** Asks for sentences and mails in the language of the page, whatever the browser prefers. */
export const language: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", document.documentElement.lang);
  },
};
