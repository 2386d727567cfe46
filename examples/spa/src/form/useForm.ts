import { reactive, ref, type UnwrapNestedRefs } from "vue";
import { type FieldErrors, sentences } from "@/api/answer";

/** A form under work: what was typed, what the server says of it, and whether it is being sent. */
export interface Form {
  readonly errors: FieldErrors;
  readonly busy: boolean;
  submit(): Promise<void>;
}

/** Makes a form of its first values and of what sends them, which throws if they are refused. */
export function useForm<Fields extends object>(
  initial: Fields,
  send: (fields: UnwrapNestedRefs<Fields>) => Promise<unknown>,
): Form & { fields: UnwrapNestedRefs<Fields> } {
  const fields = reactive({ ...initial }) as UnwrapNestedRefs<Fields>;
  const errors = ref<FieldErrors>({});
  const busy = ref(false);

  async function submit() {
    if (busy.value) return;
    busy.value = true;
    try {
      await send(fields);
      errors.value = {};
    } catch (error) {
      errors.value = sentences(error);
    } finally {
      busy.value = false;
    }
  }

  return reactive({ fields, errors, busy, submit }) as Form & { fields: UnwrapNestedRefs<Fields> };
}
