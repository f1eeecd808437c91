"""A syslog server over TLS for tests. It can be slow, go away, and come back at the same port."""

import ssl
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, create_server, socket
from typing import Any


def certificate(folder: Path, host: str = "127.0.0.1") -> Path:
    """Makes a certificate of its own, and returns the file with it and its key."""
    made = folder / "siem.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={host}",
             "-addext", f"subjectAltName=IP:{host}", "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]  # fmt: skip
    subprocess.run(words, check=True, capture_output=True)
    made.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return made


class Siem:
    """`messages` are whole, in the order in which they came, as often as they came."""

    def __init__(self, pem: Path, port: int = 0, *, is_deaf: bool = False) -> None:
        self.is_deaf = is_deaf  # it never reads
        self.messages: list[bytes] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.listener = create_server(("127.0.0.1", port))
        self.listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        self.port: int = self.listener.getsockname()[1]
        self.open: list[socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _address = self.listener.accept()
                with suppress(OSError):
                    connection = self.context.wrap_socket(plain, server_side=True)
                    self.open.append(connection)
                    if self.is_deaf:
                        continue
                    threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: Any) -> None:
        rest = b""
        with suppress(OSError):
            while piece := connection.recv(65536):
                rest += piece
                while b" " in rest:
                    length, _space, text = rest.partition(b" ")
                    if len(text) < int(length):
                        break
                    self.messages.append(text[: int(length)])
                    rest = text[int(length) :]

    def wait_for(self, many: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.messages) < many and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.messages) >= many, f"only {len(self.messages)} messages came"

    def go(self) -> None:
        """Closes everything, as a server that is stopped."""
        with suppress(OSError):
            self.listener.shutdown(2)
        self.listener.close()
        for connection in self.open:
            with suppress(OSError):
                connection.shutdown(2)  # closing alone waits for the thread that reads, and the other end would not hear of it
            with suppress(OSError):
                connection.close()
