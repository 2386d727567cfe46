import { renew } from "@setup";
import { CSRF_HEADER, csrfToken } from "./csrf";
import { repeatAfter } from "./repeat";

let underWay: Promise<boolean> | undefined;
let renewedAt = Number.NEGATIVE_INFINITY;

async function begin(): Promise<boolean> {
  const renewed = (await renew?.({ [CSRF_HEADER]: await csrfToken() })) ?? false;
  if (renewed) renewedAt = performance.now();
  return renewed;
}

/** Renews the login. Calls that fail at the same time wait for one renewal. */
function renewOnce(): Promise<boolean> {
  underWay ??= begin().finally(() => {
    underWay = undefined;
  });
  return underWay;
}

/**
 * Renews the login and repeats a call when its access token has expired. A call that went out before
 * the last renewal, and is answered after it, is only repeated.
 */
export const refresh = repeatAfter(
  async (response, sent) => response.status === 401 && (sent < renewedAt || renewOnce()),
);
