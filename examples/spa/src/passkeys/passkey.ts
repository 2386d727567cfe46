import { answer } from "@/api/answer";
import { api, type Schemas } from "@/api/client";

/** Why the browser brought no passkey, in a sentence for users. */
function reason(error: unknown): Error {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return new Error("No passkey was used.");
  if (name === "InvalidStateError") return new Error("This device has a passkey of yours already.");
  return error instanceof Error ? error : new Error(String(error));
}

async function ask(options: CredentialRequestOptions): Promise<PublicKeyCredentialJSON> {
  const credential = (await navigator.credentials.get(options)) as PublicKeyCredential;
  return credential.toJSON();
}

function readable(options: Schemas["RequestOptions"]) {
  return PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
}

/** Lets the user answer a challenge with a passkey. */
export async function usePasskey(options: Schemas["RequestOptions"]) {
  return ask({ publicKey: readable(options) }).catch((error: unknown) => {
    throw reason(error);
  });
}

/** Makes a passkey on a device of the user. */
export async function makePasskey(options: Schemas["CreationOptions"]) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  try {
    const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
    return credential.toJSON();
  } catch (error) {
    throw reason(error);
  }
}

async function begin() {
  const { session_id = "", ...options } = await answer(api.POST("/passkeys/login/begin/"));
  return { session_id, options };
}

function complete(credential: PublicKeyCredentialJSON, session_id: string) {
  return answer(api.POST("/passkeys/login/complete/", { body: { credential, session_id } }));
}

/** Logs in by a passkey that the user picks. */
export async function logInByPasskey() {
  const { session_id, options } = await begin();
  return complete(await usePasskey(options), session_id);
}

/**
 * Offers passkeys among saved passwords, until `signal` ends it. The answer of the login; nothing if
 * the browser cannot offer any, or it was ended.
 */
export async function logInByAutofill(signal: AbortSignal) {
  if (!(await window.PublicKeyCredential?.isConditionalMediationAvailable?.())) return undefined;
  // The user has asked for nothing yet, so that a failure is not worth a word.
  const begun = await begin().catch(() => undefined);
  if (!begun || signal.aborted) return undefined;
  const request = { publicKey: readable(begun.options), mediation: "conditional", signal } as const;
  const credential = await ask(request).catch(() => undefined);
  return credential && { answered: await complete(credential, begun.session_id) };
}

/** Tells the browser that a passkey was removed, so that it offers it no more. */
export async function forgetPasskey(credentialId: string) {
  type Signals = { signalUnknownCredential?(unknown: object): Promise<void> };
  const signals = PublicKeyCredential as Signals;
  await signals.signalUnknownCredential?.({ rpId: location.hostname, credentialId });
}
