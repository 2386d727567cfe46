/** Sentences about each field of a form. */
export type FieldErrors = Record<string, string[]>;

/** Why the server refused a call. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly errors: FieldErrors,
  ) {
    super(Object.values(errors).flat().join(" "));
  }
}

/** The key of sentences that are about the whole form. */
export const WHOLE = "non_field_errors";

const UNREACHABLE = "The server cannot be reached. Try again in a moment.";
const BROKEN = "Something went wrong. Try again in a moment.";

/** `{"field": ["…"]}` and `{"detail": "…"}` in one form; pages of proxies say nothing to users. */
function errorsOf(body: unknown): FieldErrors {
  if (typeof body !== "object" || body === null) return { [WHOLE]: [BROKEN] };
  if ("detail" in body) return { [WHOLE]: [String(body.detail)] };
  return Object.fromEntries(
    Object.entries(body).map(([field, sentences]) => [field, [sentences].flat().map(String)]),
  );
}

interface Call<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** What a call of the client brought; an error that forms can show if it was refused. */
export async function answer<Data>(call: Promise<Call<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw new Refusal(response.status, errorsOf(error));
  return data as Data;
}

/** Whether a call was refused because nobody is logged in any more. */
export function hasEnded(error: unknown): boolean {
  return error instanceof Refusal && error.status === 401;
}

/** The sentences of whatever was thrown. */
export function sentences(error: unknown): FieldErrors {
  if (error instanceof Refusal) return error.errors;
  // What `fetch` throws when there is no connection.
  if (error instanceof TypeError) return { [WHOLE]: [UNREACHABLE] };
  return { [WHOLE]: [error instanceof Error ? error.message : BROKEN] };
}
