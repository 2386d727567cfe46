"""What the measuring scripts share: databases full of users, programs, calls, and what wrk says.

Environment: USERS (1000000), ROUNDS, SECONDS of each measurement, PROFILE of the build (release).
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import secrets
import signal
import sqlite3
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILE = os.environ.get("PROFILE", "release")
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BUILT = TARGET / ("debug" if PROFILE == "dev" else PROFILE)
SERVER, BASE = str(BUILT / "rest-auth"), str(BUILT / "rest-auth-load")
PASSWORD = "correct horse battery staple"
USERS = int(os.environ.get("USERS", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "10"))
SECONDS = int(os.environ.get("SECONDS", "5"))
KEY = secrets.token_hex(32)

# Logins come from this many users, spread over all of them.
LOGINS = min(USERS, 4096)
TOKEN = "t" * 40

# As SELECT, a row for each number from the first to the last.
SERIES = {
    "postgres": "SELECT generate_series({}, {}) AS g",
    "sqlite": "WITH RECURSIVE s(g) AS (SELECT {} UNION ALL SELECT g + 1 FROM s WHERE g < {}) "
    "SELECT g FROM s",
}


def build():
    command = ["cargo", "build", "--profile", PROFILE, "--locked", "-p", "rest-auth"]
    subprocess.run([*command, "-p", "rest-auth-load"], check=True, cwd=ROOT)


def sql(url, *statements):
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite://"))) as database:
            for statement in statements:
                database.execute(statement)
            return database.commit()
    for statement in statements:
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
        secret_key = "{KEY}"
        [database]
        url = "{url}"
        [rest_auth]
        use_jwt = true
        jwt_auth_httponly = false
        session_login = {"true" if session_login else "false"}
        [rest_framework]
        default_authentication_classes = ["token", "jwt_cookie", "session"]
        [simple_jwt]
        rotate_refresh_tokens = false
        access_token_lifetime = "1d"
        [auth]
        hashing_queue = 256
        hashing_max_wait = "30s"
        [account]
        rate_limits = {{ login = "", login_failed = "" }}
        [log]
        level = "error"
    """


def prepare(server, options, url):
    """Migrates the database and fills it: `u1`, who has a token, the server's and Django's, and the
    others, who have the same password, as Django would have written them."""
    subprocess.run([server, "migrate", *options], check=True, stdout=subprocess.DEVNULL)
    first = {"username": "u1", "email": "u1@example.com", "email_verified": True}
    line = json.dumps({**first, "password": PASSWORD, "token": TOKEN})
    create = [server, "user", "create", *options]
    subprocess.run(create, check=True, input=line, text=True, stdout=subprocess.DEVNULL)
    series = SERIES[url.split(":")[0]].format(2, USERS)
    sql(
        url,
        "INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, "
        "is_staff, is_active, date_joined) SELECT password, false, 'u' || g, '', '', "
        "'u' || g || '@example.com', false, true, '2026-01-01 00:00:00' "
        f"FROM auth_user, ({series}) AS numbers WHERE username = 'u1'",
        'INSERT INTO account_emailaddress (email, verified, "primary", user_id) '
        "SELECT email, true, true, id FROM auth_user WHERE username <> 'u1'",
        f"INSERT INTO authtoken_token (key, created, user_id) SELECT '{TOKEN}', date_joined, id "
        "FROM auth_user WHERE username = 'u1'",
        "ANALYZE",
    )


def call(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", **(headers or {})}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status < 300, (path, answer.status, content)
    return answer, json.loads(content) if content else None


def calls(folder, name, port):
    """The calls to measure at a server: each with its path and script of wrk."""
    answer, pair = call(
        port, "POST", "/api/auth/login/", {"username": "u1", "password": PASSWORD}
    )
    session = re.search(r"sessionid=([^;]+)", str(answer.headers)).group(1)
    shown = {
        "token": {"Authorization": f"Token {TOKEN}"},
        "JWT": {"Authorization": f"Bearer {pair['access']}"},
        "session": {"Cookie": f"sessionid={session}"},
    }
    found = {}
    for kind, headers in shown.items():
        call(port, "GET", "/api/auth/user/", headers=headers)
        found[f"GET user/ by {kind}"] = "user/", with_headers(folder, f"{name}-{kind}", headers)
    verify = posting(folder, f"{name}-verify", [{"token": pair["access"]}])
    refresh = posting(folder, f"{name}-refresh", [{"refresh": pair["refresh"]}])
    found["POST token/verify/"] = "token/verify/", verify
    found["POST token/refresh/"] = "token/refresh/", refresh
    return found


def logging_in(folder):
    """The script of wrk with which many users log in, one after another."""
    numbers = [1 + at * USERS // LOGINS for at in range(LOGINS)]
    bodies = [{"username": f"u{number}", "password": PASSWORD} for number in numbers]
    return posting(folder, "login", bodies)


class Program:
    """A child that serves until the block ends; `started` is how long its first answer took."""

    def __init__(self, command, port, path, **options):
        self.command, self.port, self.path, self.options = command, port, path, options

    def __enter__(self):
        begin = time.monotonic()
        self.child = subprocess.Popen(self.command, **self.options)
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
    """Starts wrk, which tells how many were answered and how long they took."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds or SECONDS}s", "--latency"]
    return subprocess.Popen(
        [*command, *(["-s", script] if script else []), url],
        stdout=subprocess.PIPE,
        text=True,
    )


def result(process):
    """Requests a second that got 2xx, and the 99th percentile of their time in seconds."""
    text = process.communicate()[0]
    total = int(re.search(r"(\d+) requests in", text).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    elapsed = re.search(r"requests in ([\d.]+)(m?s|m)", text)
    scale = {"s": 1, "ms": 0.001, "m": 60}
    good = total - (int(refused.group(1)) if refused else 0)
    assert good, text
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
