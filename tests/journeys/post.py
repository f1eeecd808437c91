"""A relay for email on loopback, like a district's. It keeps the emails of a journey's portals and passes nothing on."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from homeroom.ops.answers import NotDone

ANSWERS = {b"EHLO": "250 relay", b"MAIL": "250 ok", b"RCPT": "250 ok", b"DATA": "354 go on", b"QUIT": "221 bye"}
PATIENCE = 90.0  # seconds. The jobs process runs each minute


@dataclass(slots=True)
class Post:
    """`mails` are in the order they came, each with one recipient."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    def awaited(self, to: str, number: int) -> EmailMessage:
        """Returns the email with that number, from 1, to this address. Raises NotDone."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            theirs = [mail for mail in self.mails if mail["To"] == to]
            if len(theirs) >= number:
                return theirs[number - 1]
            time.sleep(0.1)
        raise NotDone(f"No mail number {number} came to {to} within {PATIENCE:.0f} s.")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, post: Post) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.post = post


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 relay")
        for line in self.rfile:
            word = (line.split() or [b""])[0].upper()
            self.say(ANSWERS.get(word, "502 no"))
            if word == b"DATA":
                self.take()
            if word == b"QUIT":
                return

    def take(self) -> None:
        """RFC 5321, 4.5.2: a line that begins with a dot has one more dot."""
        lines = list[bytes]()
        for line in self.rfile:
            if line == b".\r\n":
                cast(_Server, self.server).post.mails.append(message_from_bytes(b"".join(lines), policy=default))
                self.say("250 taken")
                return
            lines.append(line.removeprefix(b"."))

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def relay_on_loopback() -> Iterator[Post]:
    post = Post()
    with _Server(post) as server:
        post.port = int(server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield post
        server.shutdown()
