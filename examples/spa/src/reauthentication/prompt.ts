import { shallowRef } from "vue";

/** A question for the user: prove that it is you. */
interface Prompt {
  /** What they may prove it with: `password`, `code`, `passkey`. */
  readonly methods: string[];
  close(proven: boolean): void;
}

export const prompt = shallowRef<Prompt>();

let asked: Promise<boolean> | undefined;

/** Asks the user, once for calls that need it at the same time. Whether they did. */
export function askForProof(methods: string[]): Promise<boolean> {
  asked ??= new Promise<boolean>((resolve) => {
    prompt.value = { methods, close: resolve };
  }).finally(() => {
    prompt.value = undefined;
    asked = undefined;
  });
  return asked;
}
