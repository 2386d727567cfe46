"""A mail server for tests: it reads what it gets as a mail program would, and fails on demand.

    python tests/smtp/server.py FOLDER [CERTIFICATE KEY]

With a certificate and its key, both PEM files, it speaks TLS from the first byte. It prints `{"port": ...}` when it listens. Each message becomes a file of FOLDER, `<number>.json`,
with what Python's own parser makes of it. Each line of the standard input is obeyed and answered by
`{"done": ...}`:

    down    hang up on everybody and listen no more
    up      listen again, at the same port
    hang    listen at the same port and say nothing

Recipients at refused.example do not exist, those at busy.example are to be tried again later, once,
and about those at stalled.example nothing is ever said.
"""

import asyncio
import itertools
import json
import os
import socket
import ssl
import sys
from email import policy
from email.parser import BytesParser

from aiosmtpd.smtp import SMTP


class PostOffice:
    """Keeps messages: one file for each, complete when it appears."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count()
        self.told_to_come_back = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        domain = address.rpartition("@")[2]
        if domain == "refused.example":
            return "550 5.1.1 There is no such person"
        if domain == "busy.example" and address not in self.told_to_come_back:
            self.told_to_come_back.add(address)
            return "451 4.7.1 Come back later"
        if domain == "stalled.example":
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        # Whom nobody can answer any more has not given anything away. From here on nothing waits:
        # what is kept is answered, unless the process is killed.
        if server.transport is None or server.transport.is_closing():
            return "421 4.3.2 Gone"
        name = os.path.join(self.folder, f"{next(self.numbers):06}.json")
        with open(name + ".part", "w", encoding="utf-8") as file:
            json.dump(described(envelope), file)
        os.rename(name + ".part", name)
        return "250 2.0.0 Kept"


def described(envelope):
    message = BytesParser(policy=policy.default).parsebytes(envelope.content)
    parts = [part for part in message.walk() if not part.is_multipart()]
    return {
        "mail_from": envelope.mail_from,
        "rcpt_tos": envelope.rcpt_tos,
        "headers": [[name, str(value)] for name, value in message.items()],
        "raw_head": envelope.content.split(b"\r\n\r\n")[0].decode("ascii"),
        "type": message.get_content_type(),
        "parts": {part.get_content_type(): part.get_content() for part in parts},
        "defects": [repr(defect) for part in message.walk() for defect in part.defects],
    }


class Connection(SMTP):
    """One that can be hung up on."""

    open = set()

    def connection_made(self, transport):
        self.open.add(transport)
        super().connection_made(transport)
        self.own = transport

    def connection_lost(self, error):
        self.open.discard(self.own)
        super().connection_lost(error)


class Silence(asyncio.Protocol):
    """One that is taken and not answered."""

    open = set()

    def connection_made(self, transport):
        self.open.add(transport)
        self.own = transport

    def connection_lost(self, error):
        self.open.discard(self.own)


class Door:
    """Where connections come in."""

    def __init__(self, office, certificate):
        self.office = office
        self.port = 0
        self.server = None
        self.tls = None
        if certificate:
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(*certificate)

    async def up(self):
        await self.listen(lambda: Connection(self.office, hostname="mail.example"))

    async def hang(self):
        await self.listen(Silence)

    async def down(self):
        if self.server is not None:
            self.server.close()
            self.server = None
        for transport in [*Connection.open, *Silence.open]:
            transport.close()

    async def listen(self, protocol):
        await self.down()
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", self.port))
        self.port = door.getsockname()[1]
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(protocol, sock=door, backlog=100, ssl=self.tls)


async def main(folder, *certificate):
    door = Door(PostOffice(folder), certificate)
    await door.up()
    print(json.dumps({"port": door.port}), flush=True)
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        order = line.decode().strip()
        await {"up": door.up, "down": door.down, "hang": door.hang}[order]()
        print(json.dumps({"done": order}), flush=True)


asyncio.run(main(*sys.argv[1:]))
