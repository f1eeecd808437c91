"""Emails alarms about backups to their operator. It sends each problem that the doctor calls bad when it begins, then daily while it lasts."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.host.addresses import checked_mail
from homeroom.ops.host.installation import toml
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, Unknown, Unsent, hand_over, read_relay, relay_of
from homeroom.seal.whole import write_whole

FILE = "alarm.toml"  # in a portal's backup/ folder, and in the vault's folder for a portal
TOLD = "alarmed.json"
AGAIN = timedelta(days=1)


def choose(folder: Path, to: str, words: Mapping[str, str]) -> None:
    """Stores who gets the alarms. `words` is the relay as in portal.toml. Empty means the portal's own. An empty `to` means no emails. Raises NotDone."""
    if not to:
        (folder / FILE).unlink(missing_ok=True)
        return
    write_whole(folder / FILE, toml({"to": checked_mail(to), **words}).encode())


def addressee(folder: Path) -> str:
    """Returns the address, or an empty string if no one gets emails. Raises NotDone."""
    return str(_words(folder).get("to", ""))


def tell(folder: Path, portal: Path | None, sentences: Sequence[str], now: datetime) -> int:
    """Emails the sentences that were not sent within the last day. Returns their number. The relay of `portal` is used if alarm.toml names none.

    Raises NotDone, PlaceOdd."""
    to = addressee(folder)
    if not to:
        return 0
    told = {sentence: at for sentence, at in _told(folder).items() if sentence in sentences}
    fresh = [each for each in sentences if each not in told or now - datetime.fromisoformat(told[each]) > AGAIN]
    if fresh:
        send(folder, portal, to, f"Homeroom: backups of {name_of(folder, portal)} need you", fresh, now)
    write_whole(folder / TOLD, json.dumps(told | dict.fromkeys(fresh, now.isoformat())).encode())
    return len(fresh)


def send(folder: Path, portal: Path | None, to: str, subject: str, sentences: Sequence[str], now: datetime) -> None:
    """Raises NotDone, PlaceOdd."""
    relay = relay_for(folder, portal)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = relay.sender, to, subject, format_datetime(now)
    mail["Message-ID"], mail["Auto-Submitted"] = make_msgid(domain=relay.sender.rpartition("@")[2]), "auto-generated"
    mail.set_content("\n\n".join([*sentences, "`homeroom doctor` says more, on the host that sent this."]) + "\n")
    try:
        hand_over(relay, to, mail, lambda: None)
    except (Unsent, Unknown) as no:
        raise NotDone(f"The relay {relay.host} did not take an alarm for {to}: {no}. See `homeroom doctor`.") from no


def relay_for(folder: Path, portal: Path | None) -> Relay:
    """Raises NotDone, PlaceOdd."""
    words = {key: value for key, value in _words(folder).items() if key != "to"}
    if words:
        return relay_of(words, str(folder / FILE), folder / "relay")
    relay = read_relay(Place.read(portal)) if portal else None
    if relay is None:
        raise NotDone("There is no relay for alarms. Name one with --relay and --from; or, on the portal's host, under [mail] in portal.toml.")
    return relay


def portal_here(installation: Path, slug: str) -> Path | None:
    """Returns the portal's folder, for its relay, or None if the portal isn't on this host."""
    portal = installation / "portals" / slug
    return portal if (portal / "portal.toml").exists() else None


def name_of(folder: Path, portal: Path | None) -> str:
    return portal.name if portal else folder.name


def _words(folder: Path) -> dict[str, Any]:
    """Raises NotDone."""
    path = folder / FILE
    try:
        return tomllib.loads(path.read_text()) if path.exists() else {}
    except tomllib.TOMLDecodeError as odd:
        raise NotDone(f"{path} cannot be read as TOML. Make it anew with `homeroom backup alarm`.") from odd


def _told(folder: Path) -> dict[str, str]:
    path = folder / TOLD
    return json.loads(path.read_text()) if path.exists() else {}
