"use strict";

// Shows the OpenAPI document, and lets requests be tried out with the cookies of this browser.
const place = document.getElementById("docs");
const { schema, csrfCookie, csrfHeader } = place.dataset;
const SAFE = ["GET", "HEAD", "OPTIONS", "TRACE"];

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
  const answer = await fetch(new URL("../csrf/", new URL(schema, location.href)));
  return answer.headers.get("X-CSRFToken") ?? cookie(csrfCookie);
}

SwaggerUIBundle({
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
});
