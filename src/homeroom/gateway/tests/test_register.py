"""Carl Webb's operator registers senders and portals. The running gateway reads the new entries."""

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import pytest

from homeroom.gateway.book import BookOdd, Portal, read_portals, read_senders
from homeroom.gateway.live_book import LiveBook
from homeroom.gateway.register import add_portal, add_sender, forget_portal, revoke_sender, senders_for


def key_line(kind: str = "ssh-ed25519", comment: str = "carl.webb@lincoln.example", **words: int) -> str:
    return asyncssh.generate_private_key(kind, comment=comment, **words).export_public_key().decode()


@pytest.fixture
def gateway(tmp_path: Path) -> Path:
    add_portal(tmp_path, portal("lincoln", "A" * 40))
    add_portal(tmp_path, portal("harbor", "b" * 16))
    return tmp_path


def portal(slug: str, recipient: str) -> Portal:
    return Portal(slug, f"https://{slug}.example:8443", (recipient,), "certificate", "receipts", "tls")


def test_sender_is_written_for_the_gateway_alone_and_without_the_keys_comment(gateway: Path) -> None:
    add_sender(gateway, "lincoln-office", [key_line()], ["lincoln"])
    path = gateway / "senders.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "carl" not in path.read_text()
    assert [each.name for each in gateway.iterdir() if each.name.startswith(".")] == []


def test_times_come_back_as_they_were_written(gateway: Path) -> None:
    until = datetime.now(UTC) + timedelta(days=90)
    add_sender(gateway, "lincoln-office", [key_line()], ["lincoln"], until)
    revoke_sender(gateway, "lincoln-office")
    entry = read_senders(gateway)["lincoln-office"]
    assert entry.expires == until
    assert entry.revoked is not None and entry.is_barred(datetime.now(UTC))


def test_revoking_twice_keeps_the_first_time(gateway: Path) -> None:
    add_sender(gateway, "lincoln-office", [key_line()], ["lincoln"])
    first = revoke_sender(gateway, "lincoln-office").revoked
    assert revoke_sender(gateway, "lincoln-office").revoked == first


def test_a_running_gateway_sees_a_revocation_right_away(gateway: Path) -> None:
    add_sender(gateway, "lincoln-office", [key_line()], ["lincoln"])
    book = LiveBook(gateway)
    assert book.senders["lincoln-office"].revoked is None
    revoke_sender(gateway, "lincoln-office")
    assert book.senders["lincoln-office"].revoked is not None


@pytest.mark.parametrize(
    ("name", "keys", "portals", "said"),
    [
        ("Lincoln Office", None, ["lincoln"], "cannot be a name"),
        ("../lincoln", None, ["lincoln"], "cannot be a name"),
        ("office", ["ssh-ed25519 nonsense"], ["lincoln"], "isn't an SSH public key"),
        ("office", [], ["lincoln"], "at least one public key"),
        ("office", None, [], "at least one public key and one portal"),
        ("office", None, ["springfield"], "no portal 'springfield'"),
    ],
)
def test_odd_sender_is_refused_with_a_sentence(
    gateway: Path, name: str, keys: list[str] | None, portals: list[str], said: str
) -> None:
    with pytest.raises(BookOdd, match=said):
        add_sender(gateway, name, [key_line()] if keys is None else keys, portals)
    assert read_senders(gateway) == {}


@pytest.mark.parametrize(("kind", "words"), [("ssh-rsa", {"key_size": 2048}), ("ssh-dss", {}), ("ssh-ed448", {})])
def test_weak_or_odd_keys_are_refused(gateway: Path, kind: str, words: dict[str, int]) -> None:
    with pytest.raises(BookOdd, match="too weak"):
        add_sender(gateway, "office", [key_line(kind, **words)], ["lincoln"])


@pytest.mark.parametrize("kind", ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521"])
def test_a_new_key_on_a_nist_curve_is_refused(gateway: Path, kind: str) -> None:
    with pytest.raises(BookOdd, match=r"no new keys on NIST curves \(ECDSA\)\. Make a new one with: ssh-keygen -t ed25519"):
        add_sender(gateway, "office", [key_line(kind)], ["lincoln"])
    assert read_senders(gateway) == {}


def test_a_registered_key_on_a_nist_curve_may_send_for_one_more_portal(gateway: Path) -> None:
    """An earlier release took such a key. The sender and a second name of the same computer keep it, until the sender is revoked."""
    key = key_line("ecdsa-sha2-nistp384")
    add_sender(gateway, "office", [key_line()], ["lincoln"])
    book = json.loads((gateway / "senders.json").read_text())
    book["senders"][0]["keys"] = [" ".join(key.split()[:2])]
    (gateway / "senders.json").write_text(json.dumps(book))
    assert add_sender(gateway, "office", [key], ["lincoln", "harbor"]).portals == ("lincoln", "harbor")
    assert add_sender(gateway, "harbor-office", [key], ["harbor"], is_same_computer=True).keys == (" ".join(key.split()[:2]),)
    for name in ("office", "harbor-office"):
        revoke_sender(gateway, name)
    with pytest.raises(BookOdd, match="NIST curves"):
        add_sender(gateway, "office", [key], ["lincoln"])


def test_one_key_cannot_be_two_senders(gateway: Path) -> None:
    key = key_line()
    add_sender(gateway, "lincoln-office", [key], ["lincoln"])
    with pytest.raises(BookOdd, match="already belongs to the sender 'lincoln-office'\\. If one computer sends for both, say --same-computer"):
        add_sender(gateway, "harbor-office", [key], ["harbor"])


def test_one_computer_may_be_two_senders_if_the_operator_says_so(gateway: Path) -> None:
    key = key_line()
    for slug in ("lincoln", "harbor"):
        add_sender(gateway, f"{slug}-office", [key], [slug], is_same_computer=True)
    assert {name: each.portals for name, each in read_senders(gateway).items()} == {"lincoln-office": ("lincoln",), "harbor-office": ("harbor",)}


def test_a_portal_that_goes_takes_along_what_only_it_had(gateway: Path) -> None:
    """A sender for two portals keeps the other one. The folder of a sender for only this portal is removed."""
    for name, portals in (("lincoln-office", ["lincoln"]), ("county", ["lincoln", "harbor"])):
        add_sender(gateway, name, [key_line()], portals)
        (gateway / "home" / name / "receipts").mkdir(parents=True)
    assert senders_for(gateway, "lincoln") == (["lincoln-office"], ["county"])
    for _ in range(2):  # repeating it changes nothing
        forget_portal(gateway, "lincoln")
        assert {name: each.portals for name, each in read_senders(gateway).items()} == {"county": ("harbor",)}
        assert "lincoln" not in read_portals(gateway) and [path.name for path in (gateway / "home").iterdir()] == ["county"]


def test_two_portals_cannot_share_a_certificate(gateway: Path) -> None:
    with pytest.raises(BookOdd, match="same certificate"):
        add_portal(gateway, portal("springfield", "a" * 40))


def test_portal_needs_https_and_a_recipient(gateway: Path) -> None:
    with pytest.raises(BookOdd, match="https"):
        add_portal(gateway, Portal("springfield", "http://x:1", ("c" * 16,), "", "", ""))
    with pytest.raises(BookOdd, match="fingerprints"):
        add_portal(gateway, Portal("springfield", "https://x:1", (), "", "", ""))


def test_operators_at_the_same_time_lose_no_entry(gateway: Path) -> None:
    lines = [key_line() for _ in range(8)]
    work = [
        threading.Thread(target=add_sender, args=(gateway, f"office-{number}", [line], ["lincoln"]))
        for number, line in enumerate(lines)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(read_senders(gateway)) == 8


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"senders": [{"name": "x"}]}', '{"senders": 5}', "\x00"])
def test_book_that_cannot_be_read_refuses_to_start(gateway: Path, content: str) -> None:
    (gateway / "senders.json").write_text(content)
    with pytest.raises(BookOdd, match="last good copy"):
        LiveBook(gateway)


def test_a_gateway_without_a_book_has_no_senders_or_portals(tmp_path: Path) -> None:
    assert read_senders(tmp_path) == {} and read_portals(tmp_path) == {}


@pytest.mark.parametrize("user", [65534])
def test_roots_entry_belongs_to_the_gateways_user(tmp_path: Path, user: int) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, user, user)
    add_portal(tmp_path, portal("lincoln", "a" * 16))
    assert (tmp_path / "portals.json").stat().st_uid == tmp_path.stat().st_uid
    assert json.loads((tmp_path / "portals.json").read_text())["portals"][0]["slug"] == "lincoln"
