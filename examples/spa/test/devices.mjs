// Logins at several devices, and how they are renewed and ended.

import assert from "node:assert/strict";
import { linkIn } from "./mails.mjs";
import { logIn, logOut, THIRD } from "./steps.mjs";
import { Visitor } from "./visitor.mjs";

const SMALL = { width: 360, height: 740 };

/** Forgets the access token, as the browser does when it has expired. */
function expire(visitor) {
  return visitor.page.context().clearCookies({ name: "access" });
}

async function logInWithCode(world, visitor, password) {
  await logIn(visitor, password);
  await visitor.isAt("Second step");
  await visitor.fill("Code", world.codes.pop());
  await visitor.press("Go on");
  await visitor.isAt("Profile");
}

export const devices = {
  async "has an expired login renewed once by calls at the same time"({ ada, setUp }) {
    await ada.follow("Profile");
    await ada.isAt("Profile");
    const asked = [];
    ada.page.on("request", (request) => {
      if (request.method() !== "OPTIONS") asked.push(new URL(request.url()).pathname);
    });
    await expire(ada);
    await ada.follow("Security");
    await ada.reads("Laptop");
    await ada.reads("of your codes can still be used");
    const calls = (path) => asked.filter((asked) => asked === `/api/auth/${path}`).length;
    const [times, renewals] = setUp === "two-hosts" ? [2, 1] : [1, 0];
    assert.deepEqual([calls("mfa/status/"), calls("passkeys/")], [times, times]);
    assert.equal(calls("token/refresh/"), renewals);
  },

  async "sees where they are logged in, and ends it"(world) {
    const { ada, browser, setUp, url, password } = world;
    const phone = await Visitor.arrive(browser, `${setUp}-phone`, url, SMALL);
    await logInWithCode(world, phone, password);
    await phone.inspect("profile");
    await ada.follow("Devices");
    await ada.isAt("Devices");
    const entries = ada.page.getByRole("listitem").filter({ hasText: "Chrome on Linux" });
    await ada.reads("this device");
    assert.ok((await entries.count()) >= 2);
    await ada.inspect("devices");
    await ada.page.getByRole("button", { name: /^Log out Chrome on Linux/ }).first().click();
    await ada.hears("Chrome on Linux is logged out.");
    await expire(phone);
    await phone.follow("Addresses");
    await phone.isAt("Log in");
    await logInWithCode(world, phone, password);
    await ada.go("/account/devices");
    await ada.press("Log out all other devices");
    await ada.hears("All other devices are logged out.");
    assert.equal(await entries.count(), 1);
    await expire(phone);
    await phone.follow("Addresses");
    await phone.isAt("Log in");
    await phone.leave();
  },

  async "resets a password that was forgotten"(world) {
    const { ada, mails, authenticator } = world;
    await authenticator.touches(false);
    await logOut(world);
    await ada.follow("Forgot your password?");
    await ada.isAt("Forgot your password?");
    await ada.inspect("forgotten");
    await ada.fill("E-mail address", "ada@example.org");
    await ada.press("Send the link");
    await ada.reads("The link in it leads on.");
    await ada.go(await linkIn(mails, "ada@example.org", "/password-reset/"));
    await ada.isAt("Choose a new password");
    await ada.inspect("reset");
    await ada.fill("New password", THIRD);
    await ada.fill("New password, once more", "something else");
    await ada.press("Save");
    await ada.reads("The two password fields didn’t match.");
    await ada.fill("New password, once more", THIRD);
    await ada.press("Save");
    await ada.hears("Your password is changed. Log in with the new one.");
    world.password = THIRD;
    await logInWithCode(world, ada, THIRD);
  },
};
