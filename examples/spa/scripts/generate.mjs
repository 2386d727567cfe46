// Writes the generated part of src/setup: for each set-up the types of its API, and the providers
// that it offers, from the document that the server has for the configuration of the set-up.
//
//     npm run generate               # writes
//     npm run generate -- --check    # fails if what is there differs
//
// REST_AUTH_BINARY names the server, if it is not in the path.

import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";

const SET_UPS = ["one-domain", "two-hosts"];
const ROOT = new URL("..", import.meta.url);
const BINARY = process.env.REST_AUTH_BINARY ?? "rest-auth";

function documentOf(setup) {
  const args = ["openapi", "--json-only", "--config", `${setup}/rest-auth.toml`];
  const options = { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1e8 };
  return JSON.parse(execFileSync(BINARY, args, options).toString());
}

/** The providers, each with the name that users know. */
function providersOf({ paths }) {
  const entries = Object.entries(paths).flatMap(([path, { get }]) => {
    const id = /^\/([^/]+)\/begin\/$/.exec(path)?.[1];
    const name = /^Send the browser to (.+)$/.exec(get?.summary ?? "")?.[1];
    return id && name ? [{ id, name }] : [];
  });
  const lines = entries.map(({ id, name }) => `  ${JSON.stringify({ id, name })},`);
  return [
    "/** The providers that users can log in with. Written by scripts/generate.mjs. */",
    "export const providers = [",
    ...lines,
    "] as const;",
    "",
  ].join("\n");
}

async function filesOf(setup) {
  const document = documentOf(setup);
  const types = astToString(await openapiTS(document, { emptyObjectsUnknown: true }));
  return [
    [new URL(`src/setup/${setup}/schema.d.ts`, ROOT), COMMENT_HEADER + types],
    [new URL(`src/setup/${setup}/providers.ts`, ROOT), providersOf(document)],
  ];
}

const files = (await Promise.all(SET_UPS.map(filesOf))).flat();
for (const [file, text] of files) {
  if (!process.argv.includes("--check")) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`${file.pathname} is not what the server describes: npm run generate`);
    process.exitCode = 1;
  }
}
