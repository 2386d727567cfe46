"use strict";

// Shows the OpenAPI document, and lets requests be tried out with the cookies of this browser and
// with the tokens that the tried-out logins answer.
const place = document.getElementById("docs");
const { schema, csrfCookie, csrfHeader, jwtPrefix } = place.dataset;
const SAFE = ["GET", "HEAD", "OPTIONS", "TRACE"];
const api = new URL("../", new URL(schema, location.href));

function cookie(name) {
  const start = name + "=";
  const pair = document.cookie.split("; ").find((text) => name && text.startsWith(start));
  return pair && pair.slice(start.length);
}

// The token is in a cookie, or, where the session keeps it, in the answer alone.
async function token() {
  const known = cookie(csrfCookie);
  if (known) {
    return known;
  }
  const answer = await fetch(new URL("csrf/", api));
  return answer.headers.get("X-CSRFToken") ?? cookie(csrfCookie);
}

const ui = SwaggerUIBundle({
  url: schema,
  domNode: place,
  deepLinking: true,
  // Nothing is sent to the validator that Swagger UI asks by default.
  validatorUrl: null,
  async requestInterceptor(request) {
    const isUnsafe = !SAFE.includes((request.method ?? "GET").toUpperCase());
    if (isUnsafe && new URL(request.url, location.href).origin === location.origin) {
      const value = request.headers[csrfHeader] ?? (await token());
      if (value) {
        request.headers[csrfHeader] = value;
      }
    }
    return request;
  },
  // Does with the tokens of an answer what a person would do under "Authorize".
  responseInterceptor(answer) {
    const { key, access } = answer.body ?? {};
    const isLogout = new URL(answer.url, location.href).href === new URL("logout/", api).href;
    if (answer.status === 401 || (answer.ok && isLogout)) {
      // A token that has ended would be refused at the next login, too.
      ui.authActions.logout(["token", "bearer"]);
    } else if (answer.ok && typeof key === "string") {
      ui.preauthorizeApiKey("token", "Token " + key);
    } else if (answer.ok && typeof access === "string" && jwtPrefix !== undefined) {
      ui.preauthorizeApiKey("bearer", jwtPrefix + access);
    }
    return answer;
  },
});
