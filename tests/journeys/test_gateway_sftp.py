"""Lincoln's office sends its nightly export with the tools it has. The gateway names, checks and delivers it."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import asyncssh
import pytest
from asyncssh import FXF_CREAT, FXF_READ, FXF_TRUNC, FXF_WRITE

from homeroom.gateway.book import BookOdd
from homeroom.gateway.register import add_sender
from homeroom.portal.intake.inbox import receipt_box
from tests.journeys.gateway_rig import OFFICE, Rig, assert_once, digest_of, sealed
from tests.journeys.kill import until
from tests.ports import free_port


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path).make("lincoln", "harbor")
    with made.running("lincoln"):
        yield made


@asynccontextmanager
async def connected(rig: Rig) -> AsyncIterator[asyncssh.SFTPClient]:
    async with (
        asyncssh.connect(
            "127.0.0.1", rig.sftp_port, username=OFFICE, client_keys=[rig.folder / "id"],
            known_hosts=str(rig.folder / "known_hosts"), config=None,
        ) as connection,
        connection.start_sftp_client() as client,
    ):  # fmt: skip
        yield client


def test_office_puts_a_file_and_it_reaches_its_portal(rig: Rig) -> None:
    content = sealed(b"grades")
    digest = rig.write("export.zip.gpg", content)
    answer = rig.sftp("put export.zip.gpg incoming/")
    assert answer.returncode == 0, answer.stderr
    assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
    assert_once(rig, {digest: content})


def test_the_file_goes_to_its_portal_and_nothing_else_is_contacted(tmp_path: Path) -> None:
    """Neither process looks up, connects to or starts anything else, from the upload to the receipt in the office's folder."""
    rig = Rig(tmp_path).make("lincoln")
    by_gateway, by_inbox = tmp_path / "gateway.reached", tmp_path / "inbox.reached"
    parts = rig.gateway_part(reached=by_gateway).start(), rig.inbox_part(reached=by_inbox).start()
    try:
        rig.await_open("lincoln")
        digest = rig.write("export.zip.gpg", sealed(b"grades"))
        assert rig.sftp("put export.zip.gpg incoming/").returncode == 0
        assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
        receipt_box.put(rig.portal(), digest, OFFICE, rig.receipt(digest))
        assert until(lambda: [*(rig.home / "receipts").glob("*.json*")]), rig.log.read_text()
    finally:
        for part in parts:
            part.kill()
    portal = f"('127.0.0.1', {rig.inbox_ports['lincoln']})"
    lines = set(by_gateway.read_text().splitlines())
    assert f"socket.connect {portal}" in lines  # the control: connections are recorded
    assert lines <= {f"socket.connect {portal}", "socket.getaddrinfo 127.0.0.1"}
    assert by_inbox.read_text() in ("", "socket.getaddrinfo 127.0.0.1\n")


def test_office_uploads_under_a_temporary_name_and_renames(rig: Rig) -> None:
    content = sealed(b"grades")
    digest = rig.write("export", content)
    for temporary in ("nightly.gpg.part", "nightly.gpg.filepart", "nightly.gpg.tmp"):
        moved = f"rename incoming/{temporary} incoming/nightly.gpg"
        answer = rig.sftp(f"put export incoming/{temporary}", "ls -l incoming", moved)
        assert answer.returncode == 0, answer.stderr
        assert temporary in answer.stdout
    assert until(lambda: rig.is_delivered(digest))
    assert_once(rig, {digest: content})


def test_upload_that_keeps_its_temporary_name_is_refused_in_writing(rig: Rig) -> None:
    rig.write("export", sealed(b"grades"))
    assert rig.sftp("put export incoming/nightly.part").returncode == 0
    assert until(lambda: "refused: unfinished" in rig.refusals())
    assert not rig.drafts() and not rig.spooled()


def test_office_goes_on_with_a_cut_upload_in_the_same_session(rig: Rig) -> None:
    content = sealed(bytes(400_000))
    digest = rig.write("whole", content)
    rig.write("half", content[:150_000])
    answer = rig.sftp("-put half incoming/whole", "reput whole incoming/whole")
    assert answer.returncode == 0, answer.stderr
    assert until(lambda: rig.is_delivered(digest))
    assert_once(rig, {digest: content})


def test_files_sent_side_by_side_all_arrive(rig: Rig) -> None:
    contents = [sealed(bytes([number]) * 300_000) for number in range(6)]
    for number, content in enumerate(contents):
        rig.write(f"export{number}", content)
    sent = [
        subprocess.Popen(
            ["sftp", "-q", "-b", "-", *rig.options(), f"{OFFICE}@127.0.0.1"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=rig.folder, text=True,
        ) for _ in range(3)
    ]  # fmt: skip
    for number, process in enumerate(sent):
        process.communicate(f"put export{number} incoming/x\nput export{number + 3} incoming/x\n")
        assert process.returncode == 0
    assert until(lambda: len(list(rig.inbox().glob("*.json"))) == 6 and not rig.spooled())
    assert_once(rig, {digest_of(content): content for content in contents})


def test_a_library_that_checks_its_upload_afterward_sees_the_size_it_sent(rig: Rig) -> None:
    """paramiko, JSch and WinSCP ask for the size, and set times, after they closed the file."""
    content = sealed(b"grades" * 50_000)

    async def send() -> None:
        flags = FXF_WRITE | FXF_READ | FXF_CREAT | FXF_TRUNC
        async with connected(rig) as client:
            async with client.open("/incoming/export", flags, encoding=None) as file:
                await file.write(content)
                assert (await file.stat()).size == len(content)
                await file.utime((1, 1))
            assert (await client.stat("/incoming/export")).size == len(content)
            await client.utime("/incoming/export", (1, 1))
            await client.chmod("/incoming/export", 0o644)

    asyncio.run(send())
    assert until(lambda: rig.is_delivered(digest_of(content)))


def test_pieces_may_arrive_out_of_order(rig: Rig) -> None:
    content = sealed(bytes(3_000_000))
    starts = list(range(0, len(content), 250_000))
    Random(3).shuffle(starts)

    async def send() -> None:
        flags = FXF_WRITE | FXF_CREAT | FXF_TRUNC
        async with connected(rig) as client, client.open("incoming/x", flags, encoding=None) as file:
            for start in starts:
                await file.write(content[start : start + 250_000], start)

    asyncio.run(send())
    assert until(lambda: rig.is_delivered(digest_of(content)))
    assert_once(rig, {digest_of(content): content})


def test_nothing_but_uploads_and_receipts_is_possible(rig: Rig) -> None:
    rig.write("export", sealed(b"grades"))
    (rig.folder / "many").mkdir()
    for commands in (
        ["put -r many incoming/"],
        ["mkdir incoming/spring"],
        ["put export receipts/x"],
        ["put export incoming/spring/x"],
        ["put export ../../etc/x"],
        ["get /etc/passwd"],
        ["get ../../../../../etc/passwd"],
        ["symlink /etc/passwd incoming/x"],
        ["ln /etc/passwd incoming/x"],
        ["rmdir incoming"],
        ["rename receipts incoming/x"],
        ["put export incoming/x.part", "get incoming/x.part"],
        ["put export incoming/x", "rm incoming/x"],
    ):
        assert rig.sftp(*commands).returncode != 0, commands
    names = {str(path.relative_to(rig.gateway)) for path in rig.gateway.rglob("*") if path.name == "x"}
    assert not names


def test_shell_command_and_forwarding_are_refused(rig: Rig) -> None:
    ssh = ["ssh", "-p", str(rig.sftp_port), *rig.options()[2:], f"{OFFICE}@127.0.0.1"]
    for command in (["id"], ["scp -t /tmp"], ["sftp-server"]):
        assert subprocess.run([*ssh, *command], capture_output=True, timeout=120).returncode != 0
    port = free_port()
    tunnel = ["-N", "-o", "ExitOnForwardFailure=yes", "-R", f"{port}:127.0.0.1:22"]
    assert subprocess.run([*ssh[:-1], *tunnel, ssh[-1]], capture_output=True, timeout=120).returncode != 0
    through = subprocess.run(
        [*ssh[:-1], "-W", f"127.0.0.1:{rig.inbox_ports['lincoln']}", ssh[-1]], capture_output=True, timeout=20
    )
    assert through.returncode != 0


def test_password_weak_key_and_stranger_do_not_get_in(rig: Rig) -> None:
    rig.make_key("weak", "rsa", 2048)
    rig.make_key("stranger")
    book = json.loads((rig.gateway / "senders.json").read_text())
    book["senders"][0]["keys"].append(" ".join((rig.folder / "weak.pub").read_text().split()[:2]))
    (rig.gateway / "senders.json").write_text(json.dumps(book))
    for user, key in ((OFFICE, "weak"), (OFFICE, "stranger"), ("nina.ruiz@example.org", "id"), ("root", "id")):
        assert rig.sftp("ls", user=user, key=key).returncode != 0
    methods = rig.sftp("ls", user=OFFICE, key="stranger").stderr
    assert "(publickey)" in methods and "password" not in methods
    assert rig.sftp("ls").returncode == 0
    assert "nina" not in rig.log.read_text()
    with pytest.raises(BookOdd, match="too weak"):
        add_sender(rig.gateway, "other-office", [(rig.folder / "weak.pub").read_text()], ["lincoln"])


def test_a_long_rsa_key_and_a_registered_ecdsa_key_get_in(rig: Rig) -> None:
    """An earlier release registered ECDSA keys. No new one is taken, and those in the book keep working."""
    add_sender(rig.gateway, "county", [rig.make_key("rsa", "rsa", 3072)], ["lincoln"])
    with pytest.raises(BookOdd, match="NIST curves"):
        add_sender(rig.gateway, "county", [rig.make_key("ec", "ecdsa", 384)], ["lincoln"])
    book = json.loads((rig.gateway / "senders.json").read_text())
    book["senders"][1]["keys"].append(" ".join((rig.folder / "ec.pub").read_text().split()[:2]))
    (rig.gateway / "senders.json").write_text(json.dumps(book))
    for key in ("rsa", "ec"):
        assert rig.sftp("ls", user="county", key=key).returncode == 0


def test_sender_sees_its_own_waiting_files_only(rig: Rig) -> None:
    add_sender(rig.gateway, "county", [rig.make_key("county")], ["lincoln", "harbor"])
    digest = rig.write("harbors", sealed(b"harbor", "harbor"))  # Harbor's inbox is away, so the file waits
    assert rig.sftp("put harbors incoming/", user="county", key="county").returncode == 0
    assert digest[:12] in rig.sftp("ls incoming", user="county", key="county").stdout
    assert digest[:12] not in rig.sftp("ls incoming").stdout


def test_office_fetches_the_receipt_its_portal_signed(rig: Rig) -> None:
    digest = rig.write("export", sealed(b"grades"))
    assert rig.sftp("put export").returncode == 0
    assert until(lambda: rig.is_delivered(digest))
    text = rig.receipt(digest)
    receipt_box.put(rig.portal(), digest, OFFICE, text)
    assert until(lambda: bool(list(rig.home.glob("receipts/*.json.asc")))), rig.log.read_text()
    assert rig.sftp(f"get receipts/*-{digest[:12]}.json.asc got.asc").returncode == 0
    assert (rig.folder / "got.asc").read_text() == text


def test_forged_receipt_never_reaches_the_sender(rig: Rig) -> None:
    digest = rig.write("export", sealed(b"grades"))
    assert rig.sftp("put export").returncode == 0
    assert until(lambda: rig.is_delivered(digest))
    honest = rig.receipt(digest, state="refused")
    receipt_box.put(rig.portal(), digest, OFFICE, honest.replace('"refused"', '"imported"'))
    forged = lambda: any(each["reason"] == "ReceiptForged" for each in rig.events("receipts not fetched"))  # noqa: E731  one line says it
    assert until(forged), rig.log.read_text()
    assert not list(rig.home.glob("receipts/*.asc"))


def test_second_sender_of_the_same_file_gets_the_outcome_too(rig: Rig) -> None:
    add_sender(rig.gateway, "county", [rig.make_key("county")], ["lincoln"])
    digest = rig.write("export", sealed(b"grades"))
    assert rig.sftp("put export").returncode == 0
    assert until(lambda: rig.is_delivered(digest))
    receipt_box.put(rig.portal(), digest, OFFICE, rig.receipt(digest))
    assert until(lambda: bool(list(rig.home.glob("receipts/*.asc"))))
    assert rig.sftp("put export", user="county", key="county").returncode == 0
    assert until(lambda: bool(list((rig.gateway / "home" / "county" / "receipts").glob("*.asc"))))
    assert len(list(rig.inbox().glob("*.pgp"))) == 1


def test_office_goes_on_with_a_half_upload_under_a_temporary_name(rig: Rig) -> None:
    content = sealed(bytes(400_000))
    digest = rig.write("whole", content)
    rig.write("half", content[:150_000])
    answer = rig.sftp("put half incoming/x.part", "reput whole incoming/x.part", "rename incoming/x.part incoming/x")
    assert answer.returncode == 0, answer.stderr
    assert until(lambda: rig.is_delivered(digest))
    assert_once(rig, {digest: content})


def test_office_that_knows_scp_only_is_served(rig: Rig) -> None:
    """Since OpenSSH 9, scp uses SFTP."""
    content = sealed(b"grades")
    digest = rig.write("export", content)
    scp = ["scp", "-P", str(rig.sftp_port), *rig.options()[2:], "export", f"{OFFICE}@127.0.0.1:incoming/"]
    assert subprocess.run(scp, cwd=rig.folder, capture_output=True, timeout=120).returncode == 0
    assert until(lambda: rig.is_delivered(digest))
