"""dj-rest-auth, as gunicorn serves it, on the database that the server is measured on."""

import os
import subprocess

from measure import KEY, ROOT, TARGET, Program

HERE = ROOT / "tests" / "load"


def install():
    """Makes an environment with its packages, anew when these change."""
    home, wanted = TARGET / "load-python", HERE / "reference" / "requirements.txt"
    done = home / "requirements.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        subprocess.run(["python3", "-m", "venv", "--clear", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "-r", wanted], check=True)
        done.write_text(wanted.read_text())
    return home / "bin" / "gunicorn"


def serving(gunicorn, url, port, session_login):
    """The program that serves it, with two processes of four threads."""
    command = [
        str(gunicorn), "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}",
        "--log-level", "error", "django.core.wsgi:get_wsgi_application()",
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{HERE}:{ROOT / 'tests' / 'django'}",
        "DJANGO_SETTINGS_MODULE": "reference.settings",
        "DATABASE_URL": url,
        "SECRET_KEY": KEY,
        "SESSION_LOGIN": "true" if session_login else "false",
    }
    return Program(command, port, "/api/auth/user/", env=environment)
