import { repeatAfter } from "@/api/repeat";
import { askForProof } from "./prompt";

interface Required {
  code: string;
  methods: string[];
}

function isRequired(body: unknown): body is Required {
  return (body as Partial<Required> | null)?.code === "reauthentication_required";
}

/** Asks the user for a proof when a change needs a fresh one, and makes the change then. */
export const reauthenticate = repeatAfter(async (response) => {
  if (response.status !== 403) return false;
  const body: unknown = await response.clone().json().catch(() => null);
  return isRequired(body) && askForProof(body.methods);
});
