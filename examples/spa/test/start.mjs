// Starts what a set-up consists of, at free ports and in a folder that is removed in the end.

import { execFile, spawn } from "node:child_process";
import { chmod, mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { request as plain } from "node:http";
import { request as secure } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const EXAMPLE = fileURLToPath(new URL("..", import.meta.url));
// With the Node.js that is installed beside it: it needs a newer one than the application.
const PROVIDER = "../../tests/openid";
const OPENID =
  process.env.REST_AUTH_TEST_OPENID ??
  `${PROVIDER}/node_modules/.bin/node ${PROVIDER}/provider.mjs`;
const NGINX = process.env.REST_AUTH_TEST_NGINX || "nginx";
const SERVER = process.env.REST_AUTH_BINARY ?? "rest-auth";

const SETTINGS = {
  // The provider is on this machine.
  REST_AUTH__SOCIALACCOUNT__ALLOW_PRIVATE_ADDRESSES: "true",
  // The first change after a login asks for a proof, which it would five minutes later.
  REST_AUTH__ACCOUNT__LOGIN_COUNTS_AS_REAUTHENTICATION: "false",
  // Every look at the login asks for a passkey, and all visitors come from one address: on a quick
  // machine that is more than thirty in a minute.
  REST_AUTH__ACCOUNT__RATE_LIMITS: '{ passkey = "" }',
};

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Waits until an address answers, by whatever certificate. */
async function answers(address, child) {
  const ask = address.startsWith("https:") ? secure : plain;
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} has ended:\n${child.said}`);
    const ready = await new Promise((done) => {
      const request = ask(address, { rejectUnauthorized: false }, (response) => {
        response.resume();
        done(response.statusCode < 500);
      });
      request.on("error", () => done(false)).end();
    });
    if (ready) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${address} does not answer:\n${child.said}`);
}

/** The processes and the folder of one set-up. */
class Running {
  children = [];

  spawn(program, args, options = {}) {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
    child.said = "";
    for (const output of [child.stdout, child.stderr]) {
      output.on("data", (text) => (child.said = (child.said + text).slice(-2000)));
    }
    child.on("error", (error) => (child.said += error));
    this.children.push(child);
    return child;
  }

  async stop() {
    for (const child of this.children) {
      if (child.exitCode === null && child.kill()) {
        await new Promise((done) => child.once("exit", done));
      }
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function startProvider(running, callback) {
  const [program, ...args] = OPENID.split(" ");
  const child = running.spawn(program, args, { cwd: EXAMPLE });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = await lines.next();
  if (line.done) throw new Error(`the provider has ended:\n${child.said}`);
  child.stdin.write(`${JSON.stringify({ command: "callback", address: callback })}\n`);
  await lines.next();
  return JSON.parse(line.value).url;
}

/** A file of the example with other addresses than those that it has. */
async function rewritten(name, changes) {
  let text = await readFile(join(EXAMPLE, name), "utf8");
  for (const [from, replacement] of changes) {
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    text = text.replaceAll(from, replacement);
  }
  return text;
}

/** The tables of the providers in a configuration. */
function providersOf(text) {
  const isProvider = (table) => table.startsWith("[socialaccount.providers.");
  return text.split(/^(?=\[)/m).filter(isProvider).join("");
}

/**
 * Writes with `rest-auth init` what a set-up is answered with, and below it what nobody can guess: the
 * providers. Variables say what the pages expect of the rest; in the file they could name a table
 * twice.
 */
async function init(running, config, example, options) {
  const all = ["init", "--config", config, "--database", "sqlite", "--mail", "console"];
  await promisify(execFile)(SERVER, [...all, "--sender", "accounts@example.com", ...options]);
  const written = await readFile(config, "utf8");
  await writeFile(config, `${written}\n${providersOf(example)}`);
  const address = (key) => new RegExp(`^${key} = "(.*)"`, "m").exec(example)[1];
  return {
    REST_AUTH__EMAIL__BACKEND: "file",
    REST_AUTH__EMAIL__FILE_PATH: join(running.folder, "mails"),
    REST_AUTH__REST_AUTH__PASSWORD_RESET_URL: address("password_reset_url"),
    REST_AUTH__ACCOUNT__EMAIL_CONFIRMATION_URL: address("email_confirmation_url"),
    REST_AUTH__SOCIALACCOUNT__REDIRECT_URL: address("redirect_url"),
  };
}

/** Starts the server of a set-up, which `init` configures if it says how. */
async function startServer(running, name, addresses, { healthy, callback, initiated }) {
  const provider = await startProvider(running, callback);
  const config = join(running.folder, "rest-auth.toml");
  const example = await rewritten(`${name}/rest-auth.toml`, [
    ...addresses,
    ["https://login.example.org", provider],
    ["the id of your application there", "our-app"],
    ["its secret", "our-secret"],
  ]);
  let settings = SETTINGS;
  if (initiated) {
    const { options, env } = initiated;
    settings = { ...SETTINGS, ...(await init(running, config, example, options)), ...env };
  } else {
    await writeFile(config, example);
  }
  const env = { ...process.env, ...settings };
  const server = running.spawn(SERVER, ["serve", "--config", config], { cwd: running.folder, env });
  await answers(healthy, server);
}

const vite = (...args) => [join(EXAMPLE, "node_modules/vite/bin/vite.js"), ...args];

/** Builds the application into a folder of the test, which it returns. */
async function build(running, mode, env) {
  const folder = join(running.folder, "dist");
  const options = { cwd: EXAMPLE, env: { ...process.env, ...env } };
  const args = vite("build", "--mode", mode, "--outDir", folder);
  await promisify(execFile)(process.execPath, args, options);
  return folder;
}

async function oneDomain(running, withInit) {
  const [page, api] = [await freePort(), await freePort()];
  const url = `http://localhost:${page}`;
  const addresses = [
    ["127.0.0.1:8000", `127.0.0.1:${api}`],
    ["http://localhost:8080", url],
  ];
  const callback = `${url}/api/auth/company/callback/`;
  const healthy = `http://127.0.0.1:${api}/readyz`;
  // What nginx stands in front of listens elsewhere than its users look for it.
  const initiated = withInit && {
    options: ["--front-end", "one-domain", "--url", url],
    env: {
      REST_AUTH__SERVER__BIND: `127.0.0.1:${api}`,
      REST_AUTH__SERVER__TRUSTED_PROXIES: "127.0.0.1",
    },
  };
  await startServer(running, "one-domain", addresses, { healthy, callback, initiated });
  const root = await build(running, "one-domain");
  const config = join(running.folder, "nginx.conf");
  const conf = await rewritten("one-domain/nginx.conf", [
    ["127.0.0.1:8080", `127.0.0.1:${page}`],
    ["127.0.0.1:8000", `127.0.0.1:${api}`],
    ["dist/one-domain", root],
  ]);
  await writeFile(config, conf);
  const nginx = running.spawn(NGINX, ["-p", running.folder, "-c", config, "-e", "stderr"]);
  await answers(url, nginx);
  return url;
}

async function twoHosts(running, withInit) {
  const [page, api] = [await freePort(), await freePort()];
  const url = `https://example.com:${page}`;
  const apiUrl = `https://api.example.com:${api}`;
  const addresses = [
    ["127.0.0.1:9443", `127.0.0.1:${api}`],
    ["https://api.example.com:9443", apiUrl],
    ["https://example.com:8443", url],
  ];
  const callback = `${apiUrl}/api/auth/company/callback/`;
  const healthy = `https://127.0.0.1:${api}/readyz`;
  // In place of a proxy the server speaks TLS itself.
  const initiated = withInit && {
    options: ["--front-end", "subdomains", "--url", apiUrl, "--app-url", url],
    env: {
      REST_AUTH__SERVER__BIND: `127.0.0.1:${api}`,
      REST_AUTH__SERVER__TLS: "self_signed",
      REST_AUTH__SERVER__ALLOWED_HOSTS: "api.example.com,127.0.0.1",
    },
  };
  await startServer(running, "two-hosts", addresses, { healthy, callback, initiated });
  const root = await build(running, "two-hosts", { VITE_API: `${apiUrl}/api/auth` });
  const where = ["--outDir", root, "--port", String(page)];
  const preview = vite("preview", "--mode", "two-hosts", ...where);
  const pages = running.spawn(process.execPath, preview, { cwd: EXAMPLE });
  await answers(`https://127.0.0.1:${page}`, pages);
  return url;
}

/**
 * Starts a set-up: where its pages are, where mails are written, and how to stop it. Its server has
 * the configuration of the example, or one that `rest-auth init` writes.
 */
export async function start(name, withInit) {
  const running = new Running();
  running.folder = await mkdtemp(join(tmpdir(), "rest-auth-spa-"));
  // The processes of nginx that answer belong to another user.
  await chmod(running.folder, 0o711);
  const mails = join(running.folder, "mails");
  await mkdir(mails);
  try {
    const url = await (name === "two-hosts" ? twoHosts : oneDomain)(running, withInit);
    return { url, mails, running };
  } catch (error) {
    await running.stop();
    throw error;
  }
}
