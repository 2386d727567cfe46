const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function written(format: Intl.DateTimeFormat, time: string | null | undefined): string {
  return time ? format.format(new Date(time)) : "never";
}

/** A day in the language of the user. */
export const day = (time: string | null | undefined) => written(DAY, time);

/** A day with its time in the language of the user. */
export const moment = (time: string | null | undefined) => written(MOMENT, time);
