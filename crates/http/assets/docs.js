"use strict";

// Shows the OpenAPI document, and lets requests be tried out with the cookies of this browser.
const place = document.getElementById("docs");
const { schema, csrfCookie, csrfHeader } = place.dataset;

function cookie(name) {
  const start = name + "=";
  const pair = document.cookie.split("; ").find((text) => name && text.startsWith(start));
  return pair && pair.slice(start.length);
}

SwaggerUIBundle({
  url: schema,
  domNode: place,
  deepLinking: true,
  // Nothing is sent to the validator that Swagger UI asks by default.
  validatorUrl: null,
  requestInterceptor(request) {
    const token = cookie(csrfCookie);
    if (token && new URL(request.url, location.href).origin === location.origin) {
      request.headers[csrfHeader] ??= token;
    }
    return request;
  },
});
