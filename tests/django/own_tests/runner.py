"""Runs the tests, and holds the outcome against the list of those that cannot go over HTTP."""

import os
import tempfile
import unittest

import django.test
import django.test.client
from django.core.management import call_command
from django.test.runner import DiscoverRunner
from rest_framework_simplejwt import settings as simple_jwt

from own_tests import configuration, database
from own_tests.client import Handler
from own_tests.exceptions import DIFFERENT, EXCEPTIONS, LACKING, PYTHON
from own_tests.mailbox import Mailbox
from own_tests.modes import MODE
from own_tests.providers import Stub
from own_tests.servers import Servers

# The tests take these as they are imported.
django.test.TestCase = database.TestCase
django.test.client.ClientHandler = Handler

MODULES = ["test_api", "test_mfa", "test_serializers", "test_social", "test_utils"]


class Result(unittest.TextTestResult):
    """Also knows which tests have passed by making requests."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.over_http = set()

    def startTest(self, test):
        super().startTest(test)
        self._sent = Handler.sent

    def stopTest(self, test):
        super().stopTest(test)
        # Some tests set what they do not set back.
        simple_jwt.api_settings.reload()

    def addSuccess(self, test):
        super().addSuccess(test)
        if Handler.sent > self._sent:
            self.over_http.add(name(test))


class Runner(DiscoverRunner):
    """Django's runner on a database that is there already. Without REST_AUTH_BINARY it asks
    dj-rest-auth itself, which must pass all that the server is asked."""

    def setup_databases(self, **_):
        self._server = "REST_AUTH_BINARY" in os.environ
        call_command("migrate", verbosity=0)
        if not self._server:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="own_tests_")
        mails = self._folder.name + "/mails"
        self._servers, self._stub = Servers(self._folder.name), Stub()
        Handler.choose_server = lambda: self._servers.of(
            configuration.current(mails, self._stub.configured())
        )
        Handler.fetch_mails = Mailbox(mails).fetch
        self._servers.migrate(configuration.current(mails, {}))

    def teardown_databases(self, *_, **__):
        if self._server:
            self._servers.stop()
            self._stub.stop()
            self._folder.cleanup()

    def build_suite(self, test_labels=None, **kwargs):
        labels = test_labels or [f"tests.{module}" for module in MODULES]
        suite = super().build_suite(labels, **kwargs)
        self._names = {name(test) for test in suite}
        return suite

    def get_resultclass(self):
        return Result

    def suite_result(self, suite, result, **_):
        """How many tests did not do what the lists say."""
        apart = EXCEPTIONS | DIFFERENT[MODE] if self._server else PYTHON
        passed = result.over_http if self._server else result.over_http - apart.keys()
        lacking = {} if self._server else LACKING[MODE]
        listed = apart | lacking
        print(
            f"{'own tests' if self._server else 'dj-rest-auth itself'} ({MODE}): "
            f"{len(passed)} of {len(self._names)} pass, "
            f"{len(self._names & apart.keys())} cannot go over HTTP, "
            f"{len(self._names & lacking.keys())} lack something in this mode"
        )
        wrong = [f"fails and is not on a list: {n}" for n in self._names - passed - listed.keys()]
        wrong += [f"is on a list, {listed[n]}, and passes: {n}" for n in passed & listed.keys()]
        wrong += [f"is on a list and does not exist: {n}" for n in self.stale(listed.keys())]
        print("\n".join(sorted(wrong)))
        return len(wrong)

    def stale(self, listed):
        """The names on the lists that no test has; a part of the tests tells nothing."""
        ran = {name.split(".")[0] for name in self._names}
        return listed - self._names if ran == set(MODULES) else set()


def name(test):
    return test.id().removeprefix("tests.")
