import { ref } from "vue";
import { answer, hasEnded } from "@/api/answer";
import { api, type Schemas } from "@/api/client";
import { report } from "@/api/report";
import { announce } from "@/layout/announce";

/** The user who is logged in; `null`: nobody is; `undefined`: nobody has asked yet. */
export const user = ref<Schemas["UserDetails"] | null>();

/** Asks who is logged in. */
export async function loadUser() {
  try {
    user.value = await answer(api.GET("/user/"));
  } catch (error) {
    user.value = null;
    if (!hasEnded(error)) report(error);
  }
}

/** Ends the login. */
export async function logOut() {
  try {
    await answer(api.POST("/logout/"));
    user.value = null;
    announce("You are logged out.");
  } catch (error) {
    report(error);
  }
}
