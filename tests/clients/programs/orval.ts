import * as api from "./orval/api.js";
import { type Given, run } from "./session.js";

interface Answer {
  status: number;
  data: unknown;
}

// The document of a mode without JWTs has no refresh.
type Refresh = (body: { refresh?: string }) => Promise<Answer>;
const refreshToken = (api as unknown as { refreshToken: Refresh }).refreshToken;

await run("orval", {
  csrf: async () => (await api.getCsrfToken()).status,
  login: async (body) => {
    const { status, data } = (await api.login(body)) as Answer;
    return { status, data: data as Given };
  },
  user: async () => {
    const { status, data } = (await api.getUser()) as Answer;
    return { status, username: (data as { username?: string }).username };
  },
  refresh: async (body) => {
    const { status, data } = await refreshToken(body);
    return { status, data: data as Given };
  },
  logout: async (body) => {
    const { status } = (await (api.logout as (body: object) => Promise<unknown>)(body)) as Answer;
    return status;
  },
});
