import createClient from "openapi-fetch";
import { baseUrl } from "@setup";
import type { components, paths } from "@setup/schema";

/** What the document of the set-up describes, as types. */
export type Schemas = components["schemas"];

/**
 * The client. Paths, bodies and answers are those of the generated document; what every call needs
 * is added by the middleware in this folder, which `main.ts` puts together.
 */
export const api = createClient<paths>({ baseUrl, credentials: "include" });
