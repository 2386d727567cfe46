import createClient from "openapi-fetch";
import type { paths } from "./schema";

/** The API is on a host of its own, and a login is a pair of JWTs in cookies. */
export const baseUrl = import.meta.env.VITE_API ?? "https://api.example.com:9443/api/auth";

/** Gets a new access token for the refresh token, which the browser sends by itself. */
export async function renew(headers: Record<string, string>): Promise<boolean> {
  const client = createClient<paths>({ baseUrl, credentials: "include" });
  const { response } = await client.POST("/token/refresh/", { headers });
  return response.ok;
}
