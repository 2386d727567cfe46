/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where the API is, in place of what the set-up says. */
  readonly VITE_API?: string;
}
