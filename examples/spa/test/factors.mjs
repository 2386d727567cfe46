// Passkeys, an authenticator app and recovery codes.

import assert from "node:assert/strict";
import { logIn, logOut, prove } from "./steps.mjs";
import { AuthenticatorApp } from "./totp.mjs";
import { plugAuthenticator } from "./visitor.mjs";

export const factors = {
  async "adds a passkey"(world) {
    const { ada } = world;
    world.authenticator = await plugAuthenticator(ada.page);
    await ada.follow("Security");
    await ada.isAt("Security");
    await ada.fill("Name of the device", "Laptop");
    await ada.press("Add a passkey");
    await prove(world);
    await ada.hears("The passkey is added.");
    await ada.reads("Laptop");
    assert.equal(await world.authenticator.count(), 1);
    await ada.page.getByRole("list", { name: "Recovery codes" }).waitFor();
  },

  async "sets up an authenticator app"(world) {
    const { ada } = world;
    await ada.press("Set up an app");
    await ada.page.getByAltText("The secret as a picture").waitFor();
    await ada.inspect("authenticator-app");
    world.app = new AuthenticatorApp(await ada.page.locator("p code").first().innerText());
    await ada.fill("Code of the app", await world.app.code());
    await ada.press("Switch on");
    await ada.hears("The app is switched on.");
    const list = ada.page.getByRole("list", { name: "Recovery codes" });
    world.codes = await list.locator("code").allInnerTexts();
    assert.ok(world.codes.length >= 8);
    await ada.inspect("security");
  },

  async "logs in with a code of the app, and with a recovery code"(world) {
    const { ada, app, codes, password, authenticator } = world;
    await authenticator.touches(false);
    for (const code of [await app.code(), codes.pop()]) {
      await logOut(world);
      await logIn(ada, password);
      await ada.isAt("Second step");
      await ada.inspect("second-step");
      await ada.fill("Code", code);
      await ada.press("Go on");
      await ada.isAt("Profile");
    }
  },

  async "logs in with a passkey as the second step"(world) {
    const { ada, password, authenticator } = world;
    await logOut(world);
    await logIn(ada, password);
    await ada.isAt("Second step");
    await authenticator.touches(true);
    await ada.press("Use a passkey");
    await ada.isAt("Profile");
  },

  async "logs in with a passkey alone, by the button and by what the browser offers"(world) {
    const { ada } = world;
    await ada.page.evaluate(() => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    });
    await logOut(world);
    await ada.press("Log in with a passkey");
    await ada.isAt("Profile");
    await ada.go("/account");
    await ada.isAt("Profile");
    await ada.press("Log out");
    await ada.hears("You are logged out.");
    await ada.isAt("Profile");
  },

  async "makes new recovery codes"(world) {
    const { ada } = world;
    await ada.follow("Security");
    await ada.press("Make new codes");
    await prove(world);
    await ada.hears("You have new recovery codes.");
    const list = ada.page.getByRole("list", { name: "Recovery codes" });
    world.codes = await list.locator("code").allInnerTexts();
  },
};
