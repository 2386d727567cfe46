"""What `accounts.py` promises, against a server that runs."""

import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from accounts import Accounts, FileStorage, LoggedOut, Refused, Tokens
from rest_auth_client import Client
from rest_auth_client.api.registration import register, verify_email
from rest_auth_client.api.user import get_user
from rest_auth_client.models import RegisterRequest, UserDetails, VerifyEmailRequest
from server import Server

PASSWORD = "correct horse battery staple"
LONGER_THAN_A_TOKEN_LIVES = 2.5


class Network(httpx.HTTPTransport):
    """Counts refreshes, and loses the answers to as many as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.refreshes = 0
        self.lose = 0
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path.endswith("/token/refresh/"):
            with self._lock:
                self.refreshes += 1
                is_lost = self.lose > 0
                self.lose -= is_lost
            if is_lost:
                response.close()
                raise httpx.ReadError("the connection broke off")
        return response


class AccountsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.storage = FileStorage(Path(folder.name) / "login.json")
        self.network = Network()
        self.addCleanup(self.network.close)
        self.name = self.id().rsplit(".", 1)[-1][:40]

    def start(self) -> Accounts:
        """The app as it starts: with what is kept on the device."""
        accounts = Accounts(self.server.url, self.storage, self.network)
        self.addCleanup(accounts.close)
        return accounts

    def logged_in(self) -> Accounts:
        email = f"{self.name}@example.com"
        body = RegisterRequest(
            username=self.name, email=email, password1=PASSWORD, password2=PASSWORD
        )
        with Client(base_url=self.server.url) as client:
            self.assertEqual(register.sync_detailed(client=client, body=body).status_code, 201)
            body = VerifyEmailRequest(email=email, code=self.server.code())
            self.assertEqual(verify_email.sync_detailed(client=client, body=body).status_code, 200)
        accounts = self.start()
        user = accounts.log_in(self.name, PASSWORD)
        self.assertIsInstance(user, UserDetails)
        return accounts

    def assert_works(self, accounts: Accounts) -> None:
        user = get_user.sync(client=accounts.client)
        self.assertIsInstance(user, UserDetails)
        self.assertEqual(user.username, self.name)

    def test_a_wrong_password_is_refused_with_a_sentence(self) -> None:
        accounts = self.start()
        with self.assertRaisesRegex(Refused, "Unable to log in"):
            accounts.log_in("nobody", PASSWORD)
        self.assertFalse(accounts.is_logged_in)

    def test_requests_at_once_share_one_refresh(self) -> None:
        accounts = self.logged_in()
        time.sleep(LONGER_THAN_A_TOKEN_LIVES)
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(self.assert_works, accounts) for _ in range(8)]:
                done.result()
        self.assertEqual(self.network.refreshes, 1)

    def test_a_start_goes_on_with_what_is_kept(self) -> None:
        self.logged_in()
        time.sleep(LONGER_THAN_A_TOKEN_LIVES)
        self.assert_works(self.start())
        self.assertEqual(self.network.refreshes, 1)

    def test_an_answer_that_is_lost_is_asked_for_again(self) -> None:
        accounts = self.logged_in()
        time.sleep(LONGER_THAN_A_TOKEN_LIVES)
        self.network.lose = 2
        self.assert_works(accounts)
        self.assertEqual(self.network.refreshes, 3)
        time.sleep(LONGER_THAN_A_TOKEN_LIVES)
        self.assert_works(accounts)

    def test_an_app_that_is_ended_before_the_answer_goes_on(self) -> None:
        accounts = self.logged_in()
        time.sleep(LONGER_THAN_A_TOKEN_LIVES)
        self.network.lose = 4
        with self.assertRaises(httpx.TransportError):
            self.assert_works(accounts)
        self.assert_works(self.start())

    def test_a_logout_ends_the_login_here_and_there(self) -> None:
        accounts = self.logged_in()
        kept = self.storage.load()
        accounts.log_out()
        self.assertIsNone(self.storage.load())
        with self.assertRaises(LoggedOut):
            get_user.sync(client=accounts.client)
        self.storage.save(kept)
        with self.assertRaises(LoggedOut):
            get_user.sync(client=self.start().client)

    def test_a_logout_without_a_network_forgets_the_login(self) -> None:
        accounts = self.logged_in()
        self.server_is_away(accounts)
        with self.assertRaises(httpx.TransportError):
            accounts.log_out()
        self.assertIsNone(self.storage.load())

    def server_is_away(self, accounts: Accounts) -> None:
        def fail(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no network")

        self.network.handle_request = fail

    def test_a_login_that_was_ended_elsewhere_is_forgotten(self) -> None:
        accounts = self.logged_in()
        self.server.run("user", "logout", self.name)
        with self.assertRaises(LoggedOut):
            get_user.sync(client=accounts.client)
        self.assertIsNone(self.storage.load())

    def test_a_stolen_refresh_token_ends_the_login(self) -> None:
        accounts = self.logged_in()
        stolen = self.storage.load()
        for _ in range(2):
            time.sleep(LONGER_THAN_A_TOKEN_LIVES)
            self.assert_works(accounts)
        self.storage.save(Tokens(access=stolen.access, refresh=stolen.refresh))
        thief = self.start()
        # Ten seconds are for answers that were lost.
        time.sleep(10)
        with self.assertRaises(LoggedOut):
            get_user.sync(client=thief.client)
        with self.assertRaises(LoggedOut):
            get_user.sync(client=accounts.client)

    def test_the_file_is_its_owners_alone(self) -> None:
        self.storage.save(Tokens("access", "refresh"))
        self.assertEqual(self.storage.path.stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
