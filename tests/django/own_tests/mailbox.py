"""The mails that the server has written into its folder, in Django's `mail.outbox`."""

import email
import email.policy
import time
from pathlib import Path

from django.core import mail
from django.db import connection

# Longer than anything takes, even on a busy machine.
PATIENCE = 60
WAITING = "SELECT COUNT(*) FROM rest_auth_outbox WHERE sent_at IS NULL AND dead_at IS NULL"


class Mailbox:
    """A folder, of which each mail is read once."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._read = set()

    def fetch(self):
        """Waits until no mail waits, and puts the new ones into Django's list."""
        end = time.monotonic() + PATIENCE
        while waiting():
            if time.monotonic() > end:
                raise RuntimeError("a mail is not delivered")
            time.sleep(0.02)
        for file in sorted(self._folder.glob("*.eml")):
            if file.name not in self._read:
                self._read.add(file.name)
                mail.outbox.append(parsed(file.read_bytes()))


def waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0]


def parsed(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    return mail.EmailMessage(
        message["Subject"], body.get_content(), message["From"], [message["To"]],
    )
