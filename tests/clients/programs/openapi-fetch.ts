import createClient from "openapi-fetch";
import type { paths } from "./schema.js";
import { base, fetchAsBrowser, run } from "./session.js";

const api = createClient<paths>({ baseUrl: base, fetch: fetchAsBrowser });

await run("openapi-fetch", {
  csrf: async () => (await api.GET("/csrf/")).response.status,
  login: async (body) => {
    const { data, response } = await api.POST("/login/", { body });
    return { data, status: response.status };
  },
  user: async () => {
    const { data, response } = await api.GET("/user/");
    return { username: data?.username, status: response.status };
  },
  refresh: async (body) => {
    // The document of a mode without JWTs has no such path.
    const { data, response } = await api.POST("/token/refresh/" as never, { body } as never);
    return { data, status: (response as Response).status };
  },
  logout: async (body) => (await api.POST("/logout/", { body } as never)).response.status,
});
