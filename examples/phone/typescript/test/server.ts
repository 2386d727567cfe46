// A server at a free port, with a database and mails in a folder of its own. The rest is as the
// configuration of the example says, unless the environment names another.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BINARY = process.env.REST_AUTH_BINARY ?? "rest-auth";
const EXAMPLE = resolve(import.meta.dirname, "../../../rest-auth.toml");
const CONFIG = process.env.REST_AUTH_CONFIG ?? EXAMPLE;

/** Runs until `stop`. Access tokens live for two seconds, so that tests see them expire. */
export class Server {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly child: ChildProcess,
  ) {}

  static async start(): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "rest-auth-"));
    const port = await freePort();
    const environment = {
      ...process.env,
      REST_AUTH_CONFIG: CONFIG,
      // Whatever the configuration names stays as it is: no account of a test, no mail and no counter
      // gets there. The path of SQLite begins in the folder that the server starts in.
      REST_AUTH__DATABASE__URL: "sqlite://accounts.sqlite3",
      REST_AUTH__CACHE__BACKEND: "memory",
      REST_AUTH__CACHE__URL: "",
      REST_AUTH__EMAIL__BACKEND: "file",
      REST_AUTH__EMAIL__FILE_PATH: join(folder, "mails"),
      // It is asked by this address, not by that of its users.
      REST_AUTH__SERVER__ALLOWED_HOSTS: "127.0.0.1",
      REST_AUTH__SERVER__BIND: `127.0.0.1:${port}`,
      REST_AUTH__SIMPLE_JWT__ACCESS_TOKEN_LIFETIME: "2s",
    };
    const child = spawn(BINARY, ["serve"], { cwd: folder, env: environment, stdio: "ignore" });
    const server = new Server(`http://127.0.0.1:${port}/api/auth`, folder, environment, child);
    for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt += 1) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      if (answer?.ok) return server;
      await new Promise((done) => setTimeout(done, 100));
    }
    await server.stop();
    throw new Error("the server does not start");
  }

  /** Runs a command of an administrator. */
  run(...args: string[]): void {
    const options = { cwd: this.folder, env: this.environment, stdio: "ignore" } as const;
    if (spawnSync(BINARY, args, options).status !== 0) throw new Error(`${args} failed`);
  }

  /** The code in the newest mail. */
  async code(): Promise<string> {
    const mails = join(this.folder, "mails");
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const names: string[] = await readdir(mails).catch(() => []);
      // A mail that is being written has another ending.
      for (const name of names.filter((name) => name.endsWith(".eml")).sort()) {
        const mail = await readFile(join(mails, name), "utf8");
        const code = /^([A-Z]{4}-[A-Z]{4})\s*$/m.exec(mail)?.[1];
        if (code) {
          await rm(join(mails, name));
          return code;
        }
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error("no mail with a code");
  }

  async stop(): Promise<void> {
    this.child.kill();
    if (this.child.exitCode === null) await once(this.child, "exit");
    await rm(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
