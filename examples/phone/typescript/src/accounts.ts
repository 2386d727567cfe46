// The login of an app: kept on the device, renewed by itself.
//
// Calls are those of openapi-fetch, with the types that openapi-typescript makes. `client` adds what
// every call needs:
//
//     const accounts = await Accounts.start("https://auth.example.com/api/auth", storage);
//     await accounts.logIn("ada", password);
//     const { data: user } = await accounts.client.GET("/user/");

import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.js";
import type { Storage, Tokens } from "./storage.js";

type Schemas = components["schemas"];

/** How often a refresh is sent whose answer is lost, and how long the first pause is. */
const ATTEMPTS = 4;
const PAUSE = 200;

/** Nobody is logged in, or the login has ended: the app shows its login. */
export class LoggedOut extends Error {}

/** The server refuses a login, and says why. */
export class Refused extends Error {}

export class Accounts {
  /** The client that uses the login. */
  readonly client: Client<paths>;
  /** Without the login: this one logs in, refreshes and logs out. */
  private readonly plain: Client<paths>;
  private refreshing: Promise<Tokens> | null = null;

  private constructor(
    baseUrl: string,
    private readonly storage: Storage,
    private tokens: Tokens | null,
    private readonly fetch: typeof globalThis.fetch,
  ) {
    this.plain = createClient<paths>({ baseUrl, fetch });
    this.client = createClient<paths>({ baseUrl, fetch });
    this.client.use(this.bearer());
  }

  /** The app as it starts: with what is kept on the device. */
  static async start(
    baseUrl: string,
    storage: Storage,
    fetch: typeof globalThis.fetch = globalThis.fetch,
  ): Promise<Accounts> {
    return new Accounts(baseUrl, storage, await storage.load(), fetch);
  }

  get isLoggedIn(): boolean {
    return this.tokens !== null;
  }

  /**
   * Logs in. An answer with `ephemeral_token` waits for a code: `mfa/verify/` completes it, and
   * `accept` takes what that answers.
   */
  async logIn(
    username: string,
    password: string,
  ): Promise<Schemas["UserDetails"] | Schemas["SecondStep"]> {
    const { data, error } = await this.plain.POST("/login/", { body: { username, password } });
    if (!data) throw new Refused(JSON.stringify(error));
    if ("ephemeral_token" in data) return data;
    await this.accept(data);
    return data.user;
  }

  /** Takes the tokens of a login. */
  async accept({ access, refresh }: Tokens): Promise<void> {
    await this.keep({ access, refresh });
  }

  /** Ends the login. It is forgotten here even if the server cannot be reached. */
  async logOut(): Promise<void> {
    const refresh = this.tokens?.refresh;
    await this.forget();
    if (refresh) await this.plain.POST("/logout/", { body: { refresh } });
  }

  /** Adds the access token, and sends a request again whose token has expired. */
  private bearer(): Middleware {
    const sent = new Map<string, { used: string; again: Request }>();
    return {
      onRequest: ({ request, id }) => {
        if (!this.tokens) throw new LoggedOut();
        const used = this.tokens.access;
        request.headers.set("Authorization", `Bearer ${used}`);
        // A body can be sent once, so the copy is made before.
        sent.set(id, { used, again: request.clone() });
        return request;
      },
      onResponse: async ({ response, id }) => {
        const request = sent.get(id);
        sent.delete(id);
        if (!request || !(await hasExpired(response))) return response;
        const access = await this.renewed(request.used);
        request.again.headers.set("Authorization", `Bearer ${access}`);
        return this.fetch(request.again);
      },
      onError: ({ id }) => {
        sent.delete(id);
      },
    };
  }

  /** A token in place of one that was refused. However many requests ask, one refreshes. */
  private async renewed(used: string): Promise<string> {
    if (!this.tokens) throw new LoggedOut();
    if (this.tokens.access !== used) return this.tokens.access;
    this.refreshing ??= this.refresh(this.tokens).finally(() => (this.refreshing = null));
    return (await this.refreshing).access;
  }

  private async refresh(tokens: Tokens): Promise<Tokens> {
    const { data, error, response } = await this.refreshed(tokens);
    if (data) {
      await this.keep(data);
      return data;
    }
    if (response.status === 401) {
      await this.forget();
      throw new LoggedOut();
    }
    // The login may still be good: it is kept, and the next request tries again.
    throw new Refused(JSON.stringify(error));
  }

  private async refreshed({ refresh }: Tokens) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.plain.POST("/token/refresh/", { body: { refresh } });
        if (answer.response.status !== 503 || attempt === ATTEMPTS) return answer;
        await pause(Number(answer.response.headers.get("Retry-After") ?? 1) * 1000);
      } catch (lost) {
        // It may have arrived. The same token gets the same answer again.
        if (attempt === ATTEMPTS) throw lost;
        await pause(PAUSE * 2 ** (attempt - 1));
      }
    }
  }

  private async keep({ access, refresh }: Tokens): Promise<void> {
    // Stored before it is used: the old refresh token ends when the new one is used.
    const tokens = { access, refresh };
    await this.storage.save(tokens);
    this.tokens = tokens;
  }

  private async forget(): Promise<void> {
    this.tokens = null;
    await this.storage.clear();
  }
}

async function hasExpired(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const answer: unknown = await response.clone().json().catch(() => null);
  return (
    typeof answer === "object" &&
    answer !== null &&
    "code" in answer &&
    answer.code === "token_not_valid"
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
