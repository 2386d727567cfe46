// The more special name comes first: Edge and Chrome call themselves Safari, too.
const BROWSERS = ["Firefox", "Edg", "OPR", "HeadlessChrome", "Chrome", "Safari"];
const SYSTEMS = ["Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux"];
const NAMES: Record<string, string> = {
  Edg: "Edge",
  OPR: "Opera",
  HeadlessChrome: "Chrome",
  "Mac OS X": "macOS",
};

/** What users call the browser and the system of a User-Agent. */
export function deviceOf(agent: string | null | undefined): string {
  const named = (words: string[]) => {
    const word = words.find((word) => agent?.includes(word));
    return word && (NAMES[word] ?? word);
  };
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? "Another device";
}
