// Logins with an account at an OpenID provider.

import assert from "node:assert/strict";
import { logOut, prove } from "./steps.mjs";
import { Visitor } from "./visitor.mjs";

/** Fills in the pages of the provider. */
async function agree({ page }, login) {
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill("x");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
}

export const providers = {
  async "registers with an account at a provider"({ browser, setUp, url }) {
    const grace = await Visitor.arrive(browser, `${setUp}-grace`, url);
    await grace.go("/login");
    await grace.press("Continue with Company account");
    await grace.page.getByRole("link", { name: "Cancel" }).click();
    await grace.isAt("That did not work");
    await grace.inspect("cancelled");
    await grace.follow("Back to the login");
    await grace.press("Continue with Company account");
    await agree(grace, "grace");
    await grace.isAt("Profile");
    await grace.reads("grace@example.org");
    await grace.follow("Connections");
    await grace.press("Disconnect Company account");
    await grace.reads("Log out and in again to make this change.");
    await grace.press("Cancel");
    await grace.page.getByRole("alert").filter({ hasText: "Reauthentication required." }).waitFor();
    await grace.inspect("connections");
    assert.deepEqual(grace.errors, []);
    await grace.leave();
  },

  async "names another address where the provider's is taken"({ browser, setUp, url }) {
    const other = await Visitor.arrive(browser, `${setUp}-other`, url);
    await other.go("/register");
    await other.press("Continue with Company account");
    await agree(other, "ada");
    await other.isAt("Almost there");
    await other.inspect("complete");
    await other.fill("E-mail address", "other@example.com");
    await other.fill("User name", "other");
    await other.press("Go on");
    await other.reads("Verification e-mail sent.");
    assert.deepEqual(other.errors, []);
    await other.leave();
  },

  async "connects an account and logs in with it, with a second step"(world) {
    const { ada, authenticator } = world;
    await ada.follow("Connections");
    await ada.isAt("Connections");
    await ada.press("Connect Company account");
    // A passkey is a proof as good as the password.
    await authenticator.touches(true);
    await ada.press("Use a passkey");
    await agree(ada, "lovelace");
    await ada.hears("The account is connected.");
    await ada.isAt("Connections");
    await authenticator.touches(false);
    await logOut(world);
    await ada.press("Continue with Company account");
    await ada.isAt("Second step");
    await ada.fill("Code", world.codes.pop());
    await ada.press("Go on");
    await ada.isAt("Profile");
  },

  async "switches everything off again"(world) {
    const { ada } = world;
    await ada.follow("Security");
    await ada.fill("Code of the app, or a recovery code", world.codes.pop());
    await ada.press("Switch off");
    await ada.hears("The app is switched off.");
    await ada.press("Remove Laptop");
    await prove(world);
    await ada.hears("Laptop is removed.");
    await logOut(world);
  },
};
