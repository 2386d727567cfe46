"""What the measuring scripts share: starting programs, calling them, and reading what wrk says."""

import http.client
import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
SERVER, BASE = str(TARGET / "rest-auth"), str(TARGET / "rest-auth-load")
PASSWORD = "correct horse battery staple"
USERS = 64
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "5"))


def build():
    command = ["cargo", "build", "--release", "--locked", "-p", "rest-auth", "-p", "rest-auth-load"]
    subprocess.run(command, check=True, cwd=ROOT)


def sql(url, statement):
    subprocess.run([BASE, "sql", url, statement], check=True)


class Database:
    """A PostgreSQL database that exists until the block ends; `url` is where."""

    def __init__(self, admin):
        self.admin = admin
        self.name = f"rest_auth_load_{secrets.token_hex(4)}"
        self.url = f"{admin.rsplit('/', 1)[0]}/{self.name}"

    def __enter__(self):
        sql(self.admin, f"CREATE DATABASE {self.name}")
        return self

    def __exit__(self, *_):
        sql(self.admin, f"DROP DATABASE {self.name} WITH (FORCE)")


def configuration(url, port, session_login):
    return f"""
        [server]
        bind = "127.0.0.1:{port}"
        secret_key = "{secrets.token_hex(32)}"
        [database]
        url = "{url}"
        [rest_auth]
        use_jwt = true
        jwt_auth_httponly = false
        session_login = {"true" if session_login else "false"}
        [rest_framework]
        default_authentication_classes = ["token", "jwt_cookie", "session"]
        [auth]
        hashing_queue = 256
        hashing_max_wait = "30s"
        [account]
        rate_limits = {{ login = "", login_failed = "" }}
        [log]
        level = "warn"
    """


def prepare(server, options):
    """Migrates the database and makes the users, each with a token of Django's form."""
    subprocess.run([server, "migrate", *options], check=True, stdout=subprocess.DEVNULL)
    users = [
        {"username": f"u{n}", "password": PASSWORD, "token": "t" * 39 + str(n)}
        for n in range(1, USERS + 1)
    ]
    lines = "\n".join(map(json.dumps, users))
    create = [server, "user", "create", *options]
    subprocess.run(create, check=True, input=lines, text=True, stdout=subprocess.DEVNULL)


def call(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", **(headers or {})}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status < 300, (path, answer.status, content)
    return answer, json.loads(content) if content else None


class Program:
    """A child that serves until the block ends; `started` is how long its first answer took."""

    def __init__(self, command, port, path):
        self.command, self.port, self.path = command, port, path

    def __enter__(self):
        begin = time.monotonic()
        self.child = subprocess.Popen(self.command)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", self.path)
                connection.getresponse().read()
                break
            except OSError:
                assert self.child.poll() is None, f"{self.command[0]} ended"
                time.sleep(0.002)
        self.started = time.monotonic() - begin
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait()

    def memory(self):
        """Resident bytes."""
        status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


def wrk(url, script=None, connections=16, seconds=None):
    """Requests a second that got 2xx, and the 99th percentile of their time in seconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds or SECONDS}s", "--latency"]
    return subprocess.Popen(
        [*command, *(["-s", script] if script else []), url],
        stdout=subprocess.PIPE,
        text=True,
    )


def result(process):
    text = process.communicate()[0]
    total = int(re.search(r"(\d+) requests in", text).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    elapsed = re.search(r"requests in ([\d.]+)(m?s|m)", text)
    scale = {"s": 1, "ms": 0.001, "m": 60}
    good = total - (int(refused.group(1)) if refused else 0)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    return (
        good / (float(elapsed.group(1)) * scale[elapsed.group(2)]),
        float(p99.group(1)) * {"us": 1e-6, **scale}[p99.group(2)],
    )


def lua(folder, name, text):
    path = pathlib.Path(folder) / f"{name}.lua"
    path.write_text(text)
    return str(path)


def with_headers(folder, name, headers):
    lines = [f'wrk.headers["{key}"] = "{value}"' for key, value in headers.items()]
    return lua(folder, name, "\n".join(lines))


def posting(folder, name, bodies):
    listed = ",\n".join(f"'{json.dumps(body)}'" for body in bodies)
    return lua(
        folder,
        name,
        f"""
        local bodies, at = {{ {listed} }}, 0
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/json"
        function request()
            at = at % #bodies + 1
            return wrk.format(nil, nil, nil, bodies[at])
        end
        """,
    )
