import { announce } from "@/layout/announce";
import { sentences } from "./answer";

/** Tells the user what went wrong where no form does. */
export function report(error: unknown) {
  announce(Object.values(sentences(error)).flat().join(" "));
}
