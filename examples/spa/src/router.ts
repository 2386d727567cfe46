import { createRouter, createWebHistory } from "vue-router";
import LoginPage from "./login/LoginPage.vue";
import { loadUser, user } from "./user/user";

declare module "vue-router" {
  interface RouteMeta {
    /** Whether the page is for users who are logged in. */
    account?: boolean;
  }
}

const account = { account: true };

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/account" },
    { path: "/login", component: LoginPage },
    { path: "/login/second-step", component: () => import("./login/SecondStepPage.vue") },
    { path: "/login/done", component: () => import("./social/ReturnPage.vue") },
    { path: "/login/complete", component: () => import("./social/CompletePage.vue") },
    { path: "/register", component: () => import("./registration/RegisterPage.vue") },
    {
      path: "/verify-email/:confirmation",
      component: () => import("./registration/VerifyEmailPage.vue"),
      props: true,
    },
    { path: "/password-reset", component: () => import("./password/RequestResetPage.vue") },
    {
      path: "/password-reset/:uid/:token",
      component: () => import("./password/ResetPage.vue"),
      props: true,
    },
    { path: "/account", component: () => import("./user/ProfilePage.vue"), meta: account },
    { path: "/account/emails", component: () => import("./emails/EmailsPage.vue"), meta: account },
    {
      path: "/account/password",
      component: () => import("./password/ChangePage.vue"),
      meta: account,
    },
    {
      path: "/account/security",
      component: () => import("./factors/SecurityPage.vue"),
      meta: account,
    },
    {
      path: "/account/connections",
      component: () => import("./social/ConnectionsPage.vue"),
      meta: account,
    },
    {
      path: "/account/devices",
      component: () => import("./sessions/DevicesPage.vue"),
      meta: account,
    },
    { path: "/:rest(.*)", component: () => import("./layout/NotFoundPage.vue") },
  ],
});

router.beforeEach(async (to) => {
  if (user.value === undefined) await loadUser();
  if (to.meta.account && !user.value) {
    return { path: "/login", query: to.path === "/account" ? {} : { next: to.path } };
  }
  return true;
});
