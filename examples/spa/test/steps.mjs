// What several parts of the journey do. `world` is what they share: the visitors, their secrets.

export const FIRST = "correct horse battery staple";
export const SECOND = "another horse another staple";
export const THIRD = "a third horse that is quite new";

/** Types name and password into the page of the login. */
export async function logIn(visitor, password) {
  await visitor.go("/login");
  await visitor.fill("User name or e-mail address", "ada");
  await visitor.fill("Password", password);
  await visitor.press("Log in");
}

export async function logOut(world) {
  await world.ada.press("Log out");
  await world.ada.hears("You are logged out.");
  await world.ada.isAt("Log in");
  world.proven = false;
}

/** JWTs end with a new password or primary address, where a session goes on. */
export async function logInAgain(world) {
  if (world.setUp !== "two-hosts") return;
  await world.ada.isAt("Log in");
  await logIn(world.ada, world.password);
  await world.ada.isAt("Profile");
  world.proven = false;
}

/** Types the password once more if this is the first change after a login. */
export async function prove(world) {
  const { ada } = world;
  if (world.proven) return;
  await ada.page.getByRole("dialog", { name: "Is it you?" }).waitFor();
  if (!world.seen) await ada.inspect("reauthentication");
  world.seen = true;
  await ada.page.getByRole("dialog").getByLabel("Password").fill(world.password);
  await ada.press("Go on");
  world.proven = true;
}
