"""The login of an app: kept on the device, renewed by itself.

Calls are those of the client that openapi-python-client makes. `Accounts.client` adds what every
call needs:

    accounts = Accounts("https://auth.example.com/api/auth", FileStorage(Path("login.json")))
    accounts.log_in("ada", password)
    user = get_user.sync(client=accounts.client)
"""

import json
import os
import threading
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import httpx
from rest_auth_client import Client
from rest_auth_client.api.login import login, logout
from rest_auth_client.api.tokens import refresh_token
from rest_auth_client.models import (
    JwtPair,
    LoginRequest,
    LogoutRequest,
    RefreshedTokens,
    RefreshTokenRequest,
    SecondStep,
    UserDetails,
)

#: How often a refresh is sent whose answer is lost, and how long the first pause is.
ATTEMPTS = 4
PAUSE = 0.2


@dataclass(frozen=True)
class Tokens:
    """What a login has given."""

    access: str
    refresh: str


class Storage(Protocol):
    """Where the tokens are kept between two starts of the app: the key store of the device."""

    def load(self) -> Tokens | None: ...

    def save(self, tokens: Tokens) -> None: ...

    def clear(self) -> None: ...


class FileStorage:
    """A file that its owner alone can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Tokens | None:
        try:
            return Tokens(**json.loads(self.path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, tokens: Tokens) -> None:
        # Under another name first: an app that is ended in between has the old pair or the new one.
        new = self.path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(tokens), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)


class LoggedOut(Exception):
    """Nobody is logged in, or the login has ended: the app shows its login."""


class Refused(Exception):
    """The server refuses a login, and says why."""


class Accounts:
    """One login, and a client that uses it."""

    def __init__(
        self, base_url: str, storage: Storage, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._storage = storage
        self._lock = threading.Lock()
        self._tokens = storage.load()
        # Without the login: this one logs in, refreshes and logs out.
        self._plain = Client(base_url=base_url, httpx_args={"transport": transport})
        self.client = Client(
            base_url=base_url, httpx_args={"transport": transport, "auth": _Bearer(self)}
        )

    def close(self) -> None:
        """Closes the connections. The tokens are kept for the next start."""
        for client in (self._plain, self.client):
            client.get_httpx_client().close()

    @property
    def is_logged_in(self) -> bool:
        return self._tokens is not None

    def log_in(self, username: str, password: str) -> UserDetails | SecondStep:
        """Logs in. A `SecondStep` waits for a code: `mfa/verify/` completes it, and `accept` takes
        what that answers."""
        body = LoginRequest(username=username, password=password)
        answer = login.sync_detailed(client=self._plain, body=body)
        if isinstance(answer.parsed, JwtPair):
            self.accept(answer.parsed)
            return answer.parsed.user
        if isinstance(answer.parsed, SecondStep):
            return answer.parsed
        raise Refused(answer.content.decode())

    def accept(self, pair: JwtPair) -> None:
        """Takes the tokens of a login."""
        with self._lock:
            self._keep(Tokens(pair.access, pair.refresh))

    def log_out(self) -> None:
        """Ends the login. It is forgotten here even if the server cannot be reached."""
        with self._lock:
            tokens, self._tokens = self._tokens, None
            self._storage.clear()
        if tokens is not None:
            logout.sync_detailed(client=self._plain, body=LogoutRequest(refresh=tokens.refresh))

    def access(self) -> str:
        tokens = self._tokens
        if tokens is None:
            raise LoggedOut
        return tokens.access

    def renewed(self, used: str) -> str:
        """A token in place of one that was refused. However many threads ask, one refreshes."""
        with self._lock:
            if self._tokens is None:
                raise LoggedOut
            if self._tokens.access == used:
                self._keep(self._refreshed(self._tokens))
            return self._tokens.access

    def _refreshed(self, tokens: Tokens) -> Tokens:
        answer = None
        for attempt in range(ATTEMPTS):
            try:
                body = RefreshTokenRequest(refresh=tokens.refresh)
                answer = refresh_token.sync_detailed(client=self._plain, body=body)
            except httpx.TransportError:
                # It may have arrived. The same token gets the same answer again.
                if attempt + 1 == ATTEMPTS:
                    raise
                time.sleep(PAUSE * 2**attempt)
                continue
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                break
            time.sleep(float(answer.headers.get("Retry-After", PAUSE)))
        if answer is not None and isinstance(answer.parsed, RefreshedTokens):
            return Tokens(answer.parsed.access, answer.parsed.refresh)
        if answer is not None and answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._tokens = None
            self._storage.clear()
            raise LoggedOut
        # The login may still be good: it is kept, and the next request tries again.
        raise Refused(answer.content.decode() if answer else "no answer")

    def _keep(self, tokens: Tokens) -> None:
        # Stored before it is used: the old refresh token ends when the new one is used.
        self._storage.save(tokens)
        self._tokens = tokens


class _Bearer(httpx.Auth):
    """Adds the access token, and sends a request again whose token has expired."""

    requires_response_body = True

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        used = self._accounts.access()
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if not _has_expired(response):
            return
        request.headers["Authorization"] = f"Bearer {self._accounts.renewed(used)}"
        yield request


def _has_expired(response: httpx.Response) -> bool:
    if response.status_code != HTTPStatus.UNAUTHORIZED:
        return False
    response.read()
    try:
        return response.json().get("code") == "token_not_valid"
    except (ValueError, AttributeError):
        return False
