// What `accounts.ts` promises, against a server that runs.

import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import createClient from "openapi-fetch";
import { Accounts, LoggedOut, Refused } from "../src/accounts.js";
import type { paths } from "../src/schema.js";
import { FileStorage } from "../src/storage.js";
import { Server } from "./server.js";

const PASSWORD = "correct horse battery staple";
const LONGER_THAN_A_TOKEN_LIVES = 2500;

/** Counts refreshes, and loses the answers to as many as it is told. */
class Network {
  refreshes = 0;
  lose = 0;
  isAway = false;

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    if (this.isAway) throw new TypeError("no network");
    const request = new Request(input, init);
    const answer = await fetch(request);
    if (!request.url.endsWith("/token/refresh/")) return answer;
    this.refreshes += 1;
    if (this.lose === 0) return answer;
    this.lose -= 1;
    throw new TypeError("the connection broke off");
  };
}

let server: Server;
let folder: string;
let storage: FileStorage;
let network: Network;
let users = 0;

before(async () => {
  server = await Server.start();
});
after(() => server.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phone-"));
  storage = new FileStorage(join(folder, "login.json"));
  network = new Network();
});
afterEach(() => rm(folder, { recursive: true }));

/** The app as it starts: with what is kept on the device. */
const start = () => Accounts.start(server.url, storage, network.fetch);

async function loggedIn(): Promise<{ accounts: Accounts; username: string }> {
  users += 1;
  const username = `user${users}`;
  const email = `${username}@example.com`;
  const client = createClient<paths>({ baseUrl: server.url });
  const body = { username, email, password1: PASSWORD, password2: PASSWORD };
  assert.equal((await client.POST("/registration/", { body })).response.status, 201);
  const code = await server.code();
  const verified = await client.POST("/registration/verify-email/", { body: { email, code } });
  assert.equal(verified.response.status, 200);
  const accounts = await start();
  const user = await accounts.logIn(username, PASSWORD);
  assert.ok("username" in user && user.username === username);
  return { accounts, username };
}

async function works(accounts: Accounts): Promise<void> {
  const { data, error } = await accounts.client.GET("/user/");
  assert.ok(data?.username, JSON.stringify(error));
}

const expire = () => new Promise((done) => setTimeout(done, LONGER_THAN_A_TOKEN_LIVES));

test("a wrong password is refused with a sentence", async () => {
  const accounts = await start();
  await assert.rejects(accounts.logIn("nobody", PASSWORD), (error) => {
    return error instanceof Refused && error.message.includes("Unable to log in");
  });
  assert.equal(accounts.isLoggedIn, false);
});

test("requests at once share one refresh", async () => {
  const { accounts } = await loggedIn();
  await expire();
  await Promise.all(Array.from({ length: 8 }, () => works(accounts)));
  assert.equal(network.refreshes, 1);
});

test("a request with a body is sent again as it was", async () => {
  const { accounts } = await loggedIn();
  await expire();
  const body = { first_name: "Ada" };
  const { data } = await accounts.client.PATCH("/user/", { body });
  assert.equal(data?.first_name, "Ada");
});

test("a start goes on with what is kept", async () => {
  await loggedIn();
  await expire();
  await works(await start());
  assert.equal(network.refreshes, 1);
});

test("an answer that is lost is asked for again", async () => {
  const { accounts } = await loggedIn();
  await expire();
  network.lose = 2;
  await works(accounts);
  assert.equal(network.refreshes, 3);
  await expire();
  await works(accounts);
});

test("an app that is ended before the answer goes on", async () => {
  const { accounts } = await loggedIn();
  await expire();
  network.lose = 4;
  await assert.rejects(works(accounts), TypeError);
  await works(await start());
});

test("a logout ends the login here and there", async () => {
  const { accounts } = await loggedIn();
  const kept = await storage.load();
  assert.ok(kept);
  await accounts.logOut();
  assert.equal(await storage.load(), null);
  await assert.rejects(works(accounts), LoggedOut);
  await storage.save(kept);
  await assert.rejects(works(await start()), LoggedOut);
});

test("a logout without a network forgets the login", async () => {
  const { accounts } = await loggedIn();
  network.isAway = true;
  await assert.rejects(accounts.logOut(), TypeError);
  assert.equal(await storage.load(), null);
});

test("a login that was ended elsewhere is forgotten", async () => {
  const { accounts, username } = await loggedIn();
  server.run("user", "logout", username);
  await assert.rejects(works(accounts), LoggedOut);
  assert.equal(await storage.load(), null);
});

test("the file is its owner's alone", async () => {
  await storage.save({ access: "access", refresh: "refresh" });
  assert.equal((await stat(join(folder, "login.json"))).mode & 0o777, 0o600);
});
