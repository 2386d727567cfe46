from http.cookies import SimpleCookie

import generated
from session import BASE, Answer, Calls, run


class Browser(generated.ApiClient):
    """Keeps cookies, and sends the CSRF token as a page does."""

    def __init__(self) -> None:
        super().__init__(generated.Configuration(host=BASE))
        self.cookies: dict[str, str] = {}

    def call_api(self, method, url, header_params=None, *args, **kwargs):
        headers = dict(header_params or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        response = super().call_api(method, url, headers, *args, **kwargs)
        for line in response.response.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
        return response


browser = Browser()
login_api = generated.LoginApi(browser)


def answer(call, *args) -> Answer:
    try:
        response = call(*args)
    except generated.ApiException as refused:
        return Answer(refused.status)
    # An answer that may be one of several types is wrapped.
    data = response.data
    return Answer(response.status_code, getattr(data, "actual_instance", data))


def refreshed(refresh: str | None) -> Answer:
    api = generated.TokensApi(browser)
    return answer(
        api.refresh_token_with_http_info,
        *([generated.RefreshTokenRequest(refresh=refresh)] if refresh else []),
    )


def log_out(refresh: str | None) -> Answer:
    call = login_api.logout_with_http_info
    return answer(call, *([generated.LogoutRequest(refresh=refresh)] if refresh else []))


def log_in(username: str, password: str) -> Answer:
    request = generated.LoginRequest(username=username, password=password)
    return answer(login_api.login_with_http_info, request)


run(
    "OpenAPI Generator",
    Calls(
        csrf=lambda: answer(generated.BrowserApi(browser).get_csrf_token_with_http_info),
        login=log_in,
        user=lambda: answer(generated.UserApi(browser).get_user_with_http_info),
        refresh=refreshed,
        logout=log_out,
        authorize=lambda value: browser.set_default_header("Authorization", value),
    ),
)
