import { createApp } from "vue";
import { api } from "./api/client";
import { csrf } from "./api/csrf";
import { language } from "./api/language";
import { refresh } from "./api/refresh";
import App from "./App.vue";
import { reauthenticate } from "./reauthentication/reauthenticate";
import { router } from "./router";
import "./style.css";
import "./form/form.css";
import { ended } from "./user/ended";

// Answers pass these from the last to the first: an expired login is renewed before anything else is
// made of its answer.
api.use(language, csrf, ended, reauthenticate, refresh);

createApp(App).use(router).mount("#app");
