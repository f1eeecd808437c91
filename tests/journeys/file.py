"""A district's file is sealed by gpg and sent by sftp, and its receipt is verified by gpg. Then its people's sign-ins are made."""

import hashlib
import json
import re

import pyotp

from homeroom.ops.demo.district_computer import DistrictComputer
from homeroom.ops.demo.districts import DISTRICTS, new_password
from homeroom.ops.demo.feeding import introduce, make_people
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

LISTED_STUDENTS = "SELECT count(*) FROM person WHERE is_student AND ended_at IS NULL"


def play(stage: Stage, tale: Tale, slug: str) -> None:
    computer = stage.computers[slug] = introduce(stage.installation, slug)
    tale.line(f"{slug}: gpg and ssh-keygen made the district's keys", "the operator added them as a sender", True)
    fingerprint = computer.trust(stage.installation.portal(slug) / "cert" / "portal.asc")
    sealed = computer.seal(computer.folder / "export.zip", fingerprint)
    listed = computer.gpg("--list-packets", "--list-only", str(sealed))
    tale.line(f"{slug}: gpg sealed the export", listed, "encrypted" in listed)
    host, port = stage.settings.sftp_host, stage.settings.sftp_port
    computer.sftp(host, port, f"put {sealed} incoming/nina-ruiz.csv.gpg")
    receipt = computer.await_receipt(host, port, sealed, seconds=300)
    is_signed, said = verified(computer, stage, slug, receipt)
    tale.line(f"{slug}: gpg --verify of the receipt", "good signature" if is_signed else "not signed", is_signed)
    digest = hashlib.sha256(sealed.read_bytes()).hexdigest()
    holds = said.get("state") == "imported" and said.get("digest") == digest
    tale.line(f"{slug}: sent with sftp, receipt awaited", said.get("sentence") or receipt, holds)
    _, students = stage.psql(slug, "owner", LISTED_STUDENTS)
    wanted = {"lincoln": "1010", "harbor": "300"}[slug]
    tale.line(f"{slug}: psql counts the students", students, students == wanted)
    district = next(each for each in DISTRICTS if each.shape.slug == slug)
    password, key = new_password(), pyotp.random_base32()
    make_people(stage.installation, slug, district.plan(dict(stage.ids(slug)), password, key))
    stage.passwords |= {f"{slug} {each.sign_in_name}": password for each in district.people}
    stage.authenticators |= {f"{slug} {each.sign_in_name}": key for each in district.people if each.side == "staff"}
    for each in json.loads((stage.installation.folder / "administrators.json").read_text())[slug]:
        stage.passwords[f"{slug} {each['sign_in_name']}"] = each["password"]
        stage.authenticators[f"{slug} {each['sign_in_name']}"] = each["authenticator"]


def verified(computer: DistrictComputer, stage: Stage, slug: str, receipt: str) -> tuple[bool, dict[str, str]]:
    """Uses only gpg. Returns whether the portal's key made the signature, and the text inside it."""
    path = computer.folder / "receipt.asc"
    path.write_text(receipt)
    computer.gpg("--import", str(stage.installation.portal(slug) / "cert" / "receipts.asc"))
    text = computer.gpg("--trust-model", "always", "--decrypt", str(path))  # fails if the signature does not hold
    body = re.search(r"\{.*\}", text, re.DOTALL)
    return body is not None, json.loads(body[0]) if body else {}
