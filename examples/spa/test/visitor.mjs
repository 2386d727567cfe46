// Somebody in front of a browser.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const SCREENSHOTS = process.env.REST_AUTH_TEST_SCREENSHOTS;
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export class Visitor {
  #shots = 0;

  constructor(page, name, url) {
    Object.assign(this, { page, name, url });
    /** What the browser could not do, which no step expects. */
    this.errors = [];
    page.on("pageerror", (error) => this.errors.push(String(error.stack)));
  }

  static async arrive(browser, name, url, viewport = { width: 1100, height: 760 }) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return new Visitor(page, name, url);
  }

  async leave() {
    await this.page.context().close();
  }

  async go(path) {
    await this.page.goto(new URL(path, this.url).href);
  }

  async fill(label, value) {
    await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  async press(name) {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  async follow(name) {
    await this.page.getByRole("link", { name, exact: true }).click();
  }

  async reads(text) {
    await this.page.getByText(text).first().waitFor();
  }

  /** Waits for a page by its heading. */
  async isAt(title) {
    await this.page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
  }

  /** Waits for what the page announces to everybody. */
  async hears(text) {
    await this.page.getByRole("status").filter({ hasText: text }).first().waitFor();
  }

  /** The name of what has the focus. */
  focused() {
    return this.page.evaluate(() => {
      const { activeElement: element } = document;
      return element.getAttribute("name") ?? element.className ?? element.tagName;
    });
  }

  /** Looks at the page by day and by night, and has axe-core look for barriers. */
  async inspect(title) {
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await this.#keep(`${title}-${colorScheme}`);
      await this.page.evaluate(AXE);
      const { violations } = await this.page.evaluate(() => globalThis.axe.run());
      const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((n) => n.html).join("\n")}`);
      assert.deepEqual(told, [], `${title}, ${colorScheme}`);
    }
  }

  /** What the page shows when a step fails. */
  async giveUp() {
    await this.#keep("failed");
    return `${this.page.url()}\n${await this.page.locator("body").innerText()}\n${this.errors.join("\n")}`;
  }

  async #keep(title) {
    if (!SCREENSHOTS) return;
    const folder = join(SCREENSHOTS, this.name);
    await mkdir(folder, { recursive: true });
    this.#shots += 1;
    const number = String(this.#shots).padStart(2, "0");
    await this.page.screenshot({ path: join(folder, `${number}-${title}.png`), fullPage: true });
  }
}

/** A device with passkeys in the browser of a visitor. */
export async function plugAuthenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** Whether the user touches the device whenever it asks. */
    async touches(enabled) {
      const options = { authenticatorId, enabled };
      await devtools.send("WebAuthn.setAutomaticPresenceSimulation", options);
    },
    async count() {
      const found = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
      return found.credentials.length;
    },
  };
}
