import type { Middleware } from "openapi-fetch";
import { user } from "./user";

/** Notices that the login has ended, by an answer that could not be mended. */
export const ended: Middleware = {
  onResponse({ response }) {
    if (response.status === 401 && user.value) user.value = null;
  },
};
