import { shallowRef } from "vue";
import { useRouter } from "vue-router";
import type { Schemas } from "@/api/client";
import { loadUser } from "@/user/user";

type SecondStep = Schemas["SecondStep"];

/** The login that waits for its second step. */
export const step = shallowRef<SecondStep>();

let destination = "/account";

/** Remembers which page the user wanted before they had to log in. */
export function leadTo(path: unknown) {
  // Only a path of this application: an address of another site may stand in a link to the page.
  const isOurs = typeof path === "string" && /^\/(?!\/)/.test(path);
  destination = isOurs ? path : "/account";
}

function waits(answered: unknown): answered is SecondStep {
  return typeof answered === "object" && answered !== null && "mfa_required" in answered;
}

/** What goes on after the answer of a login: to its second step, or to where the user wanted to be. */
export function useGoOn() {
  const router = useRouter();
  return async (answered: unknown) => {
    step.value = waits(answered) ? answered : undefined;
    if (step.value) return router.push("/login/second-step");
    await loadUser();
    return router.push(destination);
  };
}
