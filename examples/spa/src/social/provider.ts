import type { providers } from "@setup/providers";
import { answer } from "@/api/answer";
import { api } from "@/api/client";

/** The id of a provider that the document offers. */
export type ProviderId = (typeof providers)[number]["id"];

/** Sends the browser to a provider. A user who is logged in goes on to connect their account there. */
export async function goToProvider(id: ProviderId) {
  const { begin_url } = await answer(api.POST(`/${id}/begin/`, { body: {} }));
  location.assign(begin_url);
}
