import type { InjectionKey } from "vue";

/** What a form tells its fields. */
export interface FormContext {
  errorsOf(name: string): string[];
  /** The names of the fields that the form shows. */
  readonly shown: Set<string>;
}

export const FORM: InjectionKey<FormContext> = Symbol("form");
