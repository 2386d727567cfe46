/** The providers that users can log in with. Written by scripts/generate.mjs. */
export const providers = [
  {"id":"company","name":"Company account"},
  {"id":"github","name":"GitHub"},
] as const;
