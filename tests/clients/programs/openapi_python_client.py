import importlib

import httpx
from rest_auth_client import Client
from rest_auth_client.api.browser import get_csrf_token
from rest_auth_client.api.login import login, logout
from rest_auth_client.api.user import get_user
from rest_auth_client.models import LoginRequest
from session import BASE, Answer, Calls, run


def with_csrf_token(request: httpx.Request) -> None:
    """As a page does: the token of its cookie goes into the header."""
    if token := client.get_httpx_client().cookies.get("csrftoken"):
        request.headers["X-CSRFToken"] = token


client = Client(base_url=BASE, httpx_args={"event_hooks": {"request": [with_csrf_token]}})


def answer(response) -> Answer:
    return Answer(int(response.status_code), response.parsed)


def with_refresh(call, model: str, refresh: str | None) -> Answer:
    """A call whose body has the refresh token, where the document of the mode knows one."""
    if refresh is None:
        return answer(call.sync_detailed(client=client))
    body = getattr(importlib.import_module("rest_auth_client.models"), model)(refresh=refresh)
    return answer(call.sync_detailed(client=client, body=body))


def refreshed(refresh: str | None) -> Answer:
    call = importlib.import_module("rest_auth_client.api.tokens.refresh_token")
    return with_refresh(call, "RefreshTokenRequest", refresh)


def authorize(value: str) -> None:
    client.get_httpx_client().headers["Authorization"] = value


run(
    "openapi-python-client",
    Calls(
        csrf=lambda: answer(get_csrf_token.sync_detailed(client=client)),
        login=lambda username, password: answer(
            login.sync_detailed(
                client=client, body=LoginRequest(username=username, password=password)
            )
        ),
        user=lambda: answer(get_user.sync_detailed(client=client)),
        refresh=refreshed,
        logout=lambda refresh: with_refresh(logout, "LogoutRequest", refresh),
        authorize=authorize,
    ),
)
