"""An SMTP server on loopback that acts as a district's relay. It keeps what it receives, and a test can change its answer at any step."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

ANSWERS = {"EHLO": "250 relay", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "words": "250 taken", "QUIT": "221 bye"}


@dataclass
class Post:
    """`answers` maps a step to another answer. `meanwhile` maps a step to a function that is called before the answer."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, post: Post) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.post = post
        post.port = int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores a client that disconnected."""


class Talk(socketserver.StreamRequestHandler):
    @property
    def post(self) -> Post:
        return cast(Server, self.server).post

    def handle(self) -> None:
        self.say("220 relay")
        for line in self.rfile:
            word = line.split()[0].decode().upper()
            if word == "RCPT":
                self.post.recipients.append(line.decode().strip().partition(":")[2])
            self.answer(word)
            if word == "DATA" and "DATA" not in self.post.answers:
                self.take()
            if word == "QUIT":
                return

    def take(self) -> None:
        """Reads an email's text. Text without a final line of one dot is not an email."""
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                if "words" not in self.post.answers:
                    self.post.mails.append(cast(EmailMessage, message_from_bytes(b"".join(lines), policy=default)))
                self.answer("words")
                return
            lines.append(line.removeprefix(b"."))

    def answer(self, step: str) -> None:
        self.post.meanwhile.get(step, lambda: None)()
        said = self.post.answers.get(step, ANSWERS[step])
        if said == "silence":
            self.connection.close()
            return
        self.say(said)

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def relay_on_loopback() -> Iterator[Post]:
    post = Post()
    with Server(post) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield post
        server.shutdown()
