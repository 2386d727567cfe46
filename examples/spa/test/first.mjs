// Registration, login, and what a user changes with a password alone.

import assert from "node:assert/strict";
import { linkIn } from "./mails.mjs";
import { FIRST, logIn, logInAgain, prove, SECOND } from "./steps.mjs";

export const first = {
  async "registers and is told what is wrong"({ ada }) {
    await ada.go("/register");
    await ada.isAt("Register");
    await ada.inspect("register");
    await ada.press("Register");
    await ada.reads("This field may not be blank.");
    assert.equal(await ada.focused(), "username");
    await ada.inspect("register-refused");
    await ada.fill("User name", "ada");
    await ada.fill("E-mail address", "ada@example.com");
    await ada.fill("Password", FIRST);
    await ada.fill("Password, once more", FIRST);
    await ada.page.keyboard.press("Enter");
    await ada.isAt("Look into your mails");
    await ada.inspect("registered");
    await ada.press("Send it again");
    await ada.hears("We have sent the mail again.");
  },

  async "confirms the address by the link of the mail"({ ada, mails }) {
    await ada.go(await linkIn(mails, "ada@example.com", "/verify-email/"));
    await ada.isAt("Confirm your address");
    await ada.inspect("verify-email");
    await ada.press("Confirm");
    await ada.hears("Your address is confirmed.");
    await ada.isAt("Log in");
  },

  async "logs in by the address, with the keyboard alone"({ ada }) {
    await ada.go("/account/emails");
    await ada.isAt("Log in");
    await ada.inspect("login");
    await logIn(ada, "wrong");
    await ada.page.getByRole("alert").filter({ hasText: "Unable to log in" }).waitFor();
    assert.equal(await ada.focused(), "alert");
    await ada.inspect("login-refused");
    await ada.go("/account/emails");
    await ada.isAt("Log in");
    for (const word of ["ada@example.com", FIRST]) {
      await ada.page.keyboard.press("Tab");
      await ada.page.keyboard.type(word);
    }
    await ada.page.keyboard.press("Enter");
    await ada.isAt("Addresses");
  },

  async "edits the profile"({ ada }) {
    await ada.follow("Profile");
    await ada.isAt("Profile");
    await ada.fill("First name", "Ada");
    await ada.fill("Last name", "Lovelace");
    await ada.press("Save");
    await ada.hears("Your profile is saved.");
    await ada.inspect("profile");
    await ada.go("/account");
    await ada.isAt("Profile");
    assert.equal(await ada.page.getByLabel("Last name").inputValue(), "Lovelace");
  },

  async "adds an address and makes it the primary one"(world) {
    const { ada, mails } = world;
    await ada.follow("Addresses");
    await ada.fill("E-mail address", "ada@example.org");
    await ada.press("Add");
    await prove(world);
    await ada.reads("not confirmed");
    await ada.inspect("emails");
    await ada.go(await linkIn(mails, "ada@example.org", "/verify-email/"));
    await ada.press("Confirm");
    await ada.isAt("Addresses");
    await ada.press("Make primary ada@example.org");
    await ada.hears("Your mails go to ada@example.org now.");
    await logInAgain(world);
    await ada.follow("Addresses");
    await ada.press("Remove ada@example.com");
    await prove(world);
    await ada.hears("ada@example.com is removed.");
  },

  async "changes the password"(world) {
    const { ada } = world;
    await ada.follow("Password");
    await ada.isAt("Password");
    await ada.inspect("password");
    await ada.fill("Present password", FIRST);
    await ada.fill("New password", SECOND);
    await ada.fill("New password, once more", SECOND);
    await ada.press("Change the password");
    await ada.hears("Your password is changed.");
    world.password = SECOND;
    await logInAgain(world);
  },

  async "is told of a page that is not there"({ ada }) {
    await ada.go("/nowhere");
    await ada.isAt("Nothing here");
    await ada.inspect("not-found");
    await ada.follow("To the start");
    await ada.isAt("Profile");
  },
};
