"""Makes a release from a clean commit: the source archive, what it consists of (tools.sbom) and SHA256SUMS. The same commit makes the same bytes.

python -m tools.release [--out FOLDER] [--sign KEY] [--dry-run] [--json]    docs/releasing.md has the steps
python -m tools.release --verify FOLDER [--key CERTIFICATE.asc] [--json]
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tools.sbom import sbom

ROOT = Path(__file__).parents[1]
SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.asc"
GZIP = 31  # zlib's header with neither a time nor a name
LINE = re.compile(r"([0-9a-f]{64})  ([\w.-]+)")
# A person's own configuration of git must not change the archive.
STEADY = ("-c", "tar.umask=0022", "-c", "core.attributesFile=/dev/null", "-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "gpg.format=openpgp")


class NotReleased(Exception):
    """The message says what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    version: str
    commit: str
    files: Mapping[str, bytes]

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    @property
    def digests(self) -> dict[str, str]:
        return {name: sha256(content).hexdigest() for name, content in sorted(self.files.items())}

    @property
    def sums(self) -> str:
        return "".join(f"{digest}  {name}\n" for name, digest in self.digests.items())


def git(*words: str, root: Path = ROOT) -> bytes:
    done = subprocess.run(["git", *STEADY, *words], cwd=root, capture_output=True, env=os.environ | {"LC_ALL": "C", "TZ": "UTC", "GIT_ATTR_NOSYSTEM": "1"})
    if done.returncode:
        raise NotReleased(f"git {words[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def made(root: Path) -> Release:
    """Raises NotReleased."""
    if changed := git("status", "--porcelain", "--untracked-files=all", root=root).decode():
        raise NotReleased(f"The tree has changes that are not committed. Commit or remove them first:\n{changed}".rstrip())
    commit = git("rev-parse", "HEAD", root=root).decode().strip()
    version = str(tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"])
    if not re.search(rf"^## {re.escape(version)}\b(?!\.)", (root / "CHANGELOG.md").read_text(), re.MULTILINE):
        raise NotReleased(f'CHANGELOG.md has no section "## {version}". Name the release there first.')
    if (tagged := tagged_commit(root, f"v{version}")) not in ("", commit):
        raise NotReleased(f"The tag v{version} is at another commit, {tagged[:12]}. Choose a new version in pyproject.toml and CHANGELOG.md.")
    tar = git("archive", "--format=tar", f"--prefix=homeroom-{version}/", commit, root=root)
    files = {f"homeroom-{version}.tar.gz": zlib.compress(tar, 9, GZIP), f"homeroom-{version}.cdx.json": sbom(root, version, commit)}
    return Release(version, commit, files)


def tagged_commit(root: Path, tag: str) -> str:
    return git("for-each-ref", "--format=%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)", f"refs/tags/{tag}", root=root).decode().strip()


def write(release: Release, folder: Path) -> None:
    """Raises NotReleased if something else is in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if others := {path.name for path in folder.iterdir()} - {*release.files, SUMS, SIGNATURE}:
        raise NotReleased(f"{folder} has other files: {', '.join(sorted(others))}. Name an empty folder with --out.")
    (folder / SIGNATURE).unlink(missing_ok=True)  # it is about the files of before
    for name, content in {**release.files, SUMS: release.sums.encode()}.items():
        (folder / name).write_bytes(content)


def sign(release: Release, folder: Path, key: str, root: Path) -> None:
    """Signs the checksums and the tag. Raises NotReleased."""
    words = ["gpg", "--batch", "--yes", "--armor", "--local-user", key, "--output", str(folder / SIGNATURE), "--detach-sign", str(folder / SUMS)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise NotReleased(f"gpg could not sign with {key}: {done.stderr.strip()}")
    if not tagged_commit(root, release.tag):
        git("tag", "--sign", "--local-user", key, "--message", f"Homeroom {release.version}", release.tag, release.commit, root=root)
    git("verify-tag", release.tag, root=root)  # a tag that was there before may have no signature


def verified(folder: Path, certificate: Path | None) -> dict[str, object]:
    """Returns what was checked: the signer's fingerprint and the files. Raises NotReleased."""
    fingerprint = signer(folder, certificate)
    lines = [LINE.fullmatch(line) for line in (folder / SUMS).read_text().splitlines()]
    named = {line[2]: line[1] for line in lines if line}
    if not named or len(named) != len(lines):
        raise NotReleased(f"{folder / SUMS} is not a list of SHA-256 checksums.")
    there = {path.name for path in folder.iterdir()} - {SUMS, SIGNATURE}
    if odd := sorted(there ^ named.keys()):
        raise NotReleased(f"The folder and {SUMS} differ in: {', '.join(odd)}.")
    if wrong := [name for name, digest in named.items() if sha256((folder / name).read_bytes()).hexdigest() != digest]:
        raise NotReleased(f"The checksum of {', '.join(wrong)} is wrong. Don't use the file. Download it again.")
    return {"signed_by": fingerprint, "files": named}


def signer(folder: Path, certificate: Path | None) -> str:
    """Returns the fingerprint of the key that signed. With a certificate, only its keys count; otherwise those that gpg knows. Raises NotReleased."""
    for name in (SUMS, SIGNATURE):
        if not (folder / name).is_file():
            raise NotReleased(f"{folder} has no {name}.")
    with tempfile.TemporaryDirectory(prefix="hr-release-") as home:
        own = ["--homedir", home] if certificate else []
        if certificate and subprocess.run(["gpg", *own, "--batch", "--quiet", "--import", certificate], capture_output=True).returncode:
            raise NotReleased(f"gpg can't read the certificate {certificate}.")
        words = ["gpg", *own, "--batch", "--status-fd", "1", "--verify", str(folder / SIGNATURE), str(folder / SUMS)]
        done = subprocess.run(words, capture_output=True, text=True)
    valid = re.search(r"^\[GNUPG:\] VALIDSIG .* ([0-9A-F]{40,64})$", done.stdout, re.MULTILINE)
    if done.returncode or not valid or "[GNUPG:] GOODSIG " not in done.stdout:
        raise NotReleased(f"The signature of {SUMS} is not valid, or gpg doesn't know the key. Don't use the files. {done.stderr.strip()}")
    return valid[1]


def released(asked: argparse.Namespace, root: Path) -> dict[str, object]:
    release = made(root)
    folder = asked.out or root / "build" / "release" / release.version
    if not asked.dry_run:
        write(release, folder)
        if asked.sign:
            sign(release, folder, asked.sign, root)
    return {
        "version": release.version, "commit": release.commit, "tag": release.tag, "folder": str(folder), "files": release.digests,
        "written": not asked.dry_run, "signed": bool(asked.sign) and not asked.dry_run,
    }  # fmt: skip


def main(words: list[str], root: Path = ROOT) -> int:
    """Returns the exit code: 0 done, 1 not."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="the folder to write to (build/release/VERSION)")
    parser.add_argument("--sign", metavar="KEY", help="signs the checksums and the tag with this key of gpg")
    parser.add_argument("--dry-run", action="store_true", help="checks everything and shows the checksums, and writes nothing")
    parser.add_argument("--verify", type=Path, metavar="FOLDER", help="checks a release's signature and checksums")
    parser.add_argument("--key", type=Path, metavar="CERTIFICATE", help="with --verify: the certificate whose signature counts")
    parser.add_argument("--json", action="store_true", help="prints the result as JSON")
    asked = parser.parse_args(words)
    try:
        told = verified(asked.verify, asked.key) if asked.verify else released(asked, root)
    except NotReleased as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    sys.stdout.write(f"{json.dumps(told, indent=1) if asked.json else words_of(told)}\n")
    return 0


def words_of(told: Mapping[str, object]) -> str:
    files = told["files"]
    assert isinstance(files, dict)
    lines = [f"{digest}  {name}" for name, digest in files.items()]
    if "signed_by" in told:
        return "\n".join([*lines, f"All checksums match. Signed by {told['signed_by']}."])
    what = f"Written to {told['folder']}" if told["written"] else "Nothing was written"
    signed = f", signed with the tag {told['tag']}" if told["signed"] else ", not signed"
    return "\n".join([*lines, f"Homeroom {told['version']} of commit {told['commit']}. {what}{signed}."])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
