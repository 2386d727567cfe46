/** The API is on the domain of the page, and a login is a session. */
export const baseUrl = "/api/auth";

/** How an expired login is renewed. A session needs nothing. */
export const renew: ((headers: Record<string, string>) => Promise<boolean>) | undefined = undefined;
