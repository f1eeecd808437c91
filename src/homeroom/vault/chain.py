"""A store's backups as a chain: each manifest names the one before by its digest, so that a missing, swapped or rolled-back one shows.

Manifests stay until the contract ends, whatever became of their segments. Nothing here opens anything.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from homeroom.vault import manifest as manifests
from homeroom.vault.manifest import Manifest, ManifestBroken, Segment
from homeroom.vault.store import Found, NotThere, Store


@dataclass(frozen=True, slots=True)
class Link:
    """digest: of the manifest as it lies in the store."""

    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest backup that somebody outside of the store remembers."""

    number: int
    digest: str


@dataclass(slots=True)
class Chain:
    """troubles: a sentence for each thing that is wrong with manifests. there: what lies in the store, by name. broken: numbers whose bytes were read
    and are not what was signed, as whoever read them remembers. settled: numbers that are lost here, as an operator said."""

    portal: str
    links: list[Link] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    there: dict[str, Found] = field(default_factory=dict)
    broken: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()

    def link(self, number: int) -> Link | None:
        return next((each for each in self.links if each.manifest.number == number), None)

    def is_whole(self, manifest: Manifest) -> bool:
        """Every segment is there and as long as the portal signed for; what is in it, verified() reads."""
        return manifest.number not in self.broken and all(self._size(manifest, each) == each.sealed for each in manifest.segments)

    def is_gone(self, manifest: Manifest) -> bool:
        return not any(manifest.path(each) in self.there for each in manifest.segments)

    def _size(self, manifest: Manifest, segment: Segment) -> int:
        found = self.there.get(manifest.path(segment))
        return found.size if found else -1

    @property
    def newest(self) -> Manifest | None:
        """The newest one whose segments are all there."""
        return next((each.manifest for each in reversed(self.links) if self.is_whole(each.manifest)), None)


def chain_of(store: Store, portal: str, signers: Sequence[bytes], seen: Seen | None = None, settled: frozenset[int] = frozenset()) -> Chain:
    """signers: public halves in the order in which they gave way to one another. Raises StoreFailed."""
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
    """A portal that was restored goes on from the backup it was restored from, though a later one may lie in between: any earlier link will do."""
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
    """Reads every sealed byte of a backup; a sentence for each segment that is not what the portal signed for. Raises StoreFailed."""
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
