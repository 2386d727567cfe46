// Goes through all pages of a set-up with a browser.

import assert from "node:assert/strict";
import test from "node:test";
import { chromium } from "playwright-core";
import { devices } from "./devices.mjs";
import { factors } from "./factors.mjs";
import { first } from "./first.mjs";
import { providers } from "./providers.mjs";
import { start } from "./start.mjs";
import { FIRST } from "./steps.mjs";
import { Visitor } from "./visitor.mjs";

const CHROMIUM = process.env.REST_AUTH_TEST_CHROMIUM || "/usr/bin/chromium";
const HOSTS = "MAP example.com 127.0.0.1, MAP api.example.com 127.0.0.1";
const STEPS = { ...first, ...factors, ...devices, ...providers };

export function journey(setUp, { withInit = false } = {}) {
  const by = withInit ? ", with what rest-auth init writes" : "";
  test(`${setUp}: users find their way through all pages${by}`, async (t) => {
    const { url, mails, running } = await start(setUp, withInit);
    t.after(() => running.stop());
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", `--host-resolver-rules=${HOSTS}`, "--ignore-certificate-errors"],
    });
    t.after(() => browser.close());
    const ada = await Visitor.arrive(browser, setUp, url);
    const world = { browser, setUp, url, mails, ada, password: FIRST };
    for (const [title, step] of Object.entries(STEPS)) {
      t.diagnostic(title);
      await step(world).catch(async (error) => {
        const shown = await ada.giveUp();
        throw new Error(`${title}: ${error.message}\n${shown}`, { cause: error });
      });
      assert.deepEqual(ada.errors, [], title);
    }
  });
}
