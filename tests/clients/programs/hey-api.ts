import { client } from "./hey-api/client.gen.js";
import * as api from "./hey-api/index.js";
import { base, fetchAsBrowser, type Given, run } from "./session.js";

client.setConfig({ baseUrl: base, fetch: fetchAsBrowser });

// The document of a mode without JWTs has no refresh.
type Refresh = (options: { body: { refresh?: string } }) => Promise<{ data?: Given; response: Response }>;
const refreshToken = (api as unknown as { refreshToken: Refresh }).refreshToken;

await run("hey-api", {
  csrf: async () => (await api.getCsrfToken()).response!.status,
  login: async (body) => {
    const { data, response } = await api.login({ body });
    return { data: data as Given | undefined, status: response!.status };
  },
  user: async () => {
    const { data, response } = await api.getUser();
    return { username: data?.username, status: response!.status };
  },
  refresh: async (body) => {
    const { data, response } = await refreshToken({ body });
    return { data, status: response.status };
  },
  logout: async (body) => (await api.logout({ body } as never)).response!.status,
});
