"""A store's backups as a chain. Each manifest names the digest of the one before, so a missing, swapped or rolled-back backup shows.

Manifests stay until the contract ends, also after their segments are removed. Nothing in this module opens a backup.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from homeroom.vault import manifest as manifests
from homeroom.vault.manifest import Manifest, ManifestBroken, Segment
from homeroom.vault.store import NotThere, Store, StoredFile


@dataclass(frozen=True, slots=True)
class Link:
    """`digest` is of the manifest as it is in the store."""

    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest backup, as something outside the store remembers it."""

    number: int
    digest: str


@dataclass(slots=True)
class Chain:
    """`troubles` has a sentence for each fault of a manifest. `there` is what the store has, by name. `broken` has the numbers of backups that were read and
    are not what was signed, as the reader remembers them. `settled` has the numbers that an operator accepted as lost here."""

    portal: str
    links: list[Link] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    there: dict[str, StoredFile] = field(default_factory=dict)
    broken: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()

    def link(self, number: int) -> Link | None:
        return next((each for each in self.links if each.manifest.number == number), None)

    def is_whole(self, manifest: Manifest) -> bool:
        """Returns whether every segment is there in the signed size, and none is known to be broken. verified() reads the content."""
        return manifest.number not in self.broken and all(self._size(manifest, each) == each.sealed for each in manifest.segments)

    def is_gone(self, manifest: Manifest) -> bool:
        return not any(manifest.path(each) in self.there for each in manifest.segments)

    def _size(self, manifest: Manifest, segment: Segment) -> int:
        found = self.there.get(manifest.path(segment))
        return found.size if found else -1

    @property
    def newest(self) -> Manifest | None:
        """Returns the newest backup that is whole."""
        return next((each.manifest for each in reversed(self.links) if self.is_whole(each.manifest)), None)


def chain_of(store: Store, portal: str, signers: Sequence[bytes], seen: Seen | None = None, settled: frozenset[int] = frozenset()) -> Chain:
    """`signers` are the public halves of the signing keys, oldest first. Raises StoreFailed."""
    chain, turn = Chain(portal, there={each.name: each for each in store.names(f"{portal}/backups/")}, settled=settled), 0
    lost = {manifests.manifest_name(portal, number) for number in settled}
    for name in sorted(name for name in chain.there if name.endswith(f"/{manifests.NAME}")):
        try:
            content = store.read(name)
            found = manifests.read(content, signers, f"{name} in {store.url}")
            if manifests.manifest_name(portal, found.number) != name or found.portal != portal:
                raise ManifestBroken(f"{name} in {store.url} is the manifest of another backup, put there.")
        except (ManifestBroken, NotThere) as odd:
            if name not in lost:
                chain.troubles.append(str(odd))
            continue
        if (its := signers.index(manifests.signer_of(content))) < turn:
            told = f"{name} in {store.url} is signed with a key that was replaced earlier. Someone is using a key that they should not have."
            chain.troubles += [] if name in lost else [told]
            continue
        turn = its
        chain.links.append(Link(found, manifests.digest(content)))
    _linked(chain, store.url)
    _remembered(chain, seen, store.url)
    return chain


def _linked(chain: Chain, where: str) -> None:
    """Adds a trouble for each gap. Any earlier link may come before, because a restored portal continues from its backup, and a later one may be in between."""
    before, last = {""}, 0
    for link in chain.links:
        is_settled = last + 1 < link.manifest.number and all(number in chain.settled for number in range(last + 1, link.manifest.number))
        last = link.manifest.number
        if link.manifest.previous not in before and not is_settled:
            chain.troubles.append(f"Before backup {link.manifest.number} another one is missing in {where}, or was swapped.")
        before = before - {""} | {link.digest}


def _remembered(chain: Chain, seen: Seen | None, where: str) -> None:
    if seen is None:
        return
    link = chain.link(seen.number)
    if link is None and seen.number in chain.settled:
        return
    if link is None:
        chain.troubles.append(f"Backup {seen.number} was in {where} and is gone, with its manifest. Someone returned the store to an older state.")
    elif link.digest != seen.digest:
        chain.troubles.append(f"Backup {seen.number} in {where} is not the one that was there before.")


def verified(store: Store, manifest: Manifest, tell: Callable[[int, int], object] = lambda *_: None) -> list[str]:
    """Reads every sealed byte of a backup. Returns a sentence for each segment that is not what the portal signed for. Raises StoreFailed."""
    wrong, done = [], 0
    for segment in manifest.segments:
        told = f"Segment {segment.name} of backup {manifest.number} in {store.url}"
        digest = hashlib.sha256()
        try:
            for piece in store.pieces(manifest.path(segment)):
                digest.update(piece)
                done += len(piece)
                tell(done, manifest.sealed_size)
        except NotThere:
            wrong.append(f"{told} is not there.")
            continue
        if digest.hexdigest() != segment.sha256:
            wrong.append(f"{told} was changed.")
    return wrong
