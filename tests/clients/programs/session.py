"""Logs in, refreshes and logs out with the calls of a generated client."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BASE, MODE = sys.argv[1:3]
USERNAME, PASSWORD = "ada", "correct horse battery staple"
REFRESHES = MODE.startswith("jwt")


@dataclass
class Answer:
    """The status of an answer and its document, whatever the client makes of it."""

    status: int
    data: Any = None

    def text(self, name: str) -> str | None:
        value = getattr(self.data, name, None)
        return value if isinstance(value, str) and value else None


@dataclass
class Calls:
    """The calls of a client. `authorize` adds a header to those that follow."""

    csrf: Callable[[], Answer]
    login: Callable[[str, str], Answer]
    user: Callable[[], Answer]
    refresh: Callable[[str | None], Answer]
    logout: Callable[[str | None], Answer]
    authorize: Callable[[str], None]


def run(name: str, calls: Calls) -> None:
    refresh = None

    def keep(answer: Answer) -> None:
        nonlocal refresh
        if key := answer.text("key"):
            calls.authorize(f"Token {key}")
        if MODE == "jwt" and (access := answer.text("access")):
            calls.authorize(f"Bearer {access}")
        refresh = answer.text("refresh") or refresh

    assert calls.csrf().status in (200, 204)
    answer = calls.login(USERNAME, PASSWORD)
    assert answer.status in (200, 204), answer
    keep(answer)
    assert calls.user().text("username") == USERNAME
    if REFRESHES:
        answer = calls.refresh(refresh)
        assert answer.status == 200, answer
        keep(answer)
        assert calls.user().text("username") == USERNAME
    answer = calls.logout(refresh)
    assert answer.status == 200, answer
    assert calls.user().status in (401, 403), "the login goes on"
    print(f"{name}, {MODE}: logged in{', refreshed' if REFRESHES else ''} and out")
