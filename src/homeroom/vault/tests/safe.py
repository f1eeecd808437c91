"""A school with a vault: its own keys, a store in a folder, stored files, and empty databases to restore into."""

import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from homeroom.portal.audit.chain import last_link
from homeroom.portal.processes.cluster import BINARIES
from homeroom.seal.wrapping import Pair, make_pair
from homeroom.vault.chain import Chain, chain_of
from homeroom.vault.files import below
from homeroom.vault.manifest import manifest_name
from homeroom.vault.restore import Target, data_key, restored
from homeroom.vault.snapshot import ChainPlace, Recipients, Source, Taken, take
from homeroom.vault.store import Store
from tests.database import make_private
from tests.school import School

MONTH = "2026-11"


@dataclass
class Safe:
    school: School
    folder: Path
    store: Store
    restore: Pair = field(default_factory=make_pair)
    erasure: Pair = field(default_factory=make_pair)
    drill: Pair = field(default_factory=make_pair)
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)
    before: list[bytes] = field(default_factory=list)  # public halves of replaced keys
    needed: str = ""
    last: Taken | None = field(default=None, repr=False)

    @property
    def signers(self) -> list[bytes]:
        return [*self.before, self.signing.public_key().public_bytes_raw()]

    def rotate(self) -> Ed25519PrivateKey:
        """Makes a new signing key and returns the old one."""
        gone, self.before = self.signing, self.signers
        self.signing = Ed25519PrivateKey.generate()
        return gone

    @property
    def files(self) -> Path:
        return self.folder / "portal"

    def words(self, login: str, database: str) -> dict[str, Any]:
        return {"host": str(self.school.server.cluster.sockets), "dbname": database, "user": login}

    def source(self, **changes: Any) -> Source:
        made = Source(
            portal="lincoln", database=self.words("dump", self.school.database), pg_dump=BINARIES / "pg_dump", psql=BINARIES / "psql",
            release="0.1.0", time_zone="America/Los_Angeles", files=lambda: below(self.files, ["inbox/*", "outbox/*", "portal.toml"]), needed=self.needed,
            head=last_link,
        )  # fmt: skip
        return replace(made, **changes)

    def take(self, store: Store | None = None, tell: Callable[..., object] = lambda *_: None, **changes: Any) -> Taken:
        """Takes the next backup of the chain."""
        number = self.last.manifest.number + 1 if self.last else 1
        previous = self.last.manifest and self.chain().links[-1].digest if self.last else ""
        to = Recipients(self.restore.public, self.erasure.public, MONTH, self.drill.public)
        self.last = take(self.source(**changes), store or self.store, to, ChainPlace(number, number, previous), self.signing, tell)
        return self.last

    def as_before(self, taken: Taken) -> bytes:
        """Rewrites the manifest as an earlier release wrote it, without the access log's head. Returns it."""
        values = json.loads(taken.content.split(b"\n")[0])
        del values["ledger_head"]
        line = json.dumps(values | {"version": 1}, sort_keys=True).encode()
        seal = {"signer": b64encode(self.signers[-1]).decode(), "signature": b64encode(self.signing.sign(line)).decode()}
        content = line + b"\n" + json.dumps(seal).encode() + b"\n"
        (self.folder / "store" / manifest_name("lincoln", taken.manifest.number)).write_bytes(content)
        return content

    def chain(self, store: Store | None = None) -> Chain:
        return chain_of(store or self.store, "lincoln", self.signers)

    def key(self, taken: Taken) -> bytes:
        return data_key(taken.manifest, self.restore, self.erasure)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Yields the name of an empty database, and drops it afterwards."""
        name = f"restored_{secrets.token_hex(6)}"
        with self.school.server.connect("postgres", "postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER owner TEMPLATE template0").format(sql.Identifier(name)))
            make_private(admin, name)
            try:
                yield name
            finally:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def target(self, database: str) -> Target:
        return Target(self.words("postgres", database), BINARIES / "pg_restore")

    @contextmanager
    def restored(self, taken: Taken, store: Store | None = None) -> Iterator[School]:
        with self.empty() as name:
            restored(taken.manifest, store or self.store, self.key(taken), self.target(name))
            yield School(self.school.server, name, self.school.ids)

    def connect(self, login: str = "owner") -> psycopg.Connection[Any]:
        return self.school.connect(login)
