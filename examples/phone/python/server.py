"""A server at a free port, with a database and mails in a folder of its own. The rest is as the
configuration of the example says, unless the environment names another."""

import os
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

EXAMPLE = Path(__file__).resolve().parent.parent / "rest-auth.toml"
CONFIG = os.environ.get("REST_AUTH_CONFIG", str(EXAMPLE))
BINARY = os.environ.get("REST_AUTH_BINARY", "rest-auth")


class Server:
    """Runs until `stop`. Access tokens live for two seconds, so that tests see them expire."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._environment = os.environ | {
            "REST_AUTH_CONFIG": CONFIG,
            # Whatever the configuration names stays as it is: no account of a test, no mail and no
            # counter gets there. The path of SQLite begins in the folder that the server starts in.
            "REST_AUTH__DATABASE__URL": "sqlite://accounts.sqlite3",
            "REST_AUTH__CACHE__BACKEND": "memory",
            "REST_AUTH__CACHE__URL": "",
            "REST_AUTH__EMAIL__BACKEND": "file",
            "REST_AUTH__EMAIL__FILE_PATH": str(self.folder / "mails"),
            # It is asked by this address, not by that of its users.
            "REST_AUTH__SERVER__ALLOWED_HOSTS": "127.0.0.1",
            "REST_AUTH__SERVER__BIND": f"127.0.0.1:{port}",
            "REST_AUTH__SIMPLE_JWT__ACCESS_TOKEN_LIFETIME": "2s",
        }
        self.url = f"http://127.0.0.1:{port}/api/auth"
        with (self.folder / "log").open("w") as log:
            self._process = self._start("serve", stdout=log, stderr=log)
        try:
            self._wait(f"http://127.0.0.1:{port}/readyz")
        except TimeoutError:
            self.stop()
            raise

    def run(self, *arguments: str) -> None:
        """Runs a command of an administrator."""
        if self._start(*arguments, stdout=subprocess.DEVNULL).wait() != 0:
            raise RuntimeError(f"{arguments} failed")

    def code(self) -> str:
        """The code in the newest mail."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for mail in sorted((self.folder / "mails").glob("*.eml")):
                if found := re.search(r"^([A-Z]{4}-[A-Z]{4})\s*$", mail.read_text(), re.MULTILINE):
                    mail.unlink()
                    return found[1]
            time.sleep(0.05)
        raise TimeoutError("no mail with a code")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def _start(self, *arguments: str, **streams) -> subprocess.Popen:
        command = [BINARY, *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=self._environment, **streams)

    def _wait(self, address: str) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(address).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text())
