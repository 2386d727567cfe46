"""Servers, one for each configuration that the tests have asked for lately."""

import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

BINARY = os.environ.get("REST_AUTH_BINARY")
# Longer than anything takes, even on a busy machine.
PATIENCE = 60
# How many run at once: each holds connections to the database.
MOST = 6


class Server:
    """One that runs."""

    def __init__(self, folder, configuration):
        file = folder / "rest-auth.toml"
        file.write_text(configuration)
        self.log = []
        self._listens = threading.Event()
        self.port = None
        command = [BINARY, "serve", "--config", str(file), "--bind", "127.0.0.1:0"]
        self._process = start(command, folder)
        threading.Thread(target=self._read, daemon=True).start()
        if not self._listens.wait(PATIENCE) or self.port is None:
            self.stop()
            raise RuntimeError("no server starts with\n" + configuration + "".join(self.log))

    def _read(self):
        for line in self._process.stderr:
            self.log.append(line)
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found[1])
                self._listens.set()
        self._listens.set()

    def lines_of(self, request):
        """What was logged of a request, which ends with a line of its own."""
        end = time.monotonic() + PATIENCE
        while True:
            lines = [line for line in self.log if request in line]
            if any(f' request id="{request}"' in line for line in lines):
                return lines
            if time.monotonic() > end:
                raise RuntimeError("the log says nothing of a request")
            time.sleep(0.005)

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Servers:
    """Those that run, by their configurations. Those that were asked last are at the end."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._running = {}

    def migrate(self, configuration):
        """Adds our tables to the database."""
        file = self._folder / "migrate.toml"
        file.write_text(configuration)
        subprocess.run([BINARY, "migrate", "--config", str(file)], check=True, env={})

    def of(self, configuration):
        """The server with this configuration."""
        server = self._running.pop(configuration, None)
        if server is None:
            if len(self._running) == MOST:
                self._running.pop(next(iter(self._running))).stop()
            server = Server(Path(tempfile.mkdtemp(dir=self._folder)), configuration)
        self._running[configuration] = server
        return server

    def stop(self):
        for server in self._running.values():
            server.stop()


def start(command, folder):
    """A process that knows nothing of this one's environment."""
    return subprocess.Popen(
        command, cwd=folder, env={}, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )
