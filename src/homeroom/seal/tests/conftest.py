"""Lincoln's portal, the computer in its office where Carl Webb seals the exports, and one export."""

from collections.abc import Iterator

import pytest

from homeroom.seal.keys import Cert, Tsk, make_opening_key
from homeroom.seal.tests.gpg import Gpg, certificate_of, computer

CARL = "Carl Webb <export@lincoln.example>"
ROWS = b"sourcedId,givenName,familyName,grade\r\n" + b"s-1,Nina,Ruiz,07\r\ns-2,Leo,Ruiz,03\r\n" * 40


@pytest.fixture(scope="session")
def portal() -> Tsk:
    return make_opening_key("Lincoln Unified")


@pytest.fixture(scope="session")
def certificate(portal: Tsk) -> Cert:
    return certificate_of(portal)


@pytest.fixture(scope="session")
def office(certificate: Cert) -> Iterator[Gpg]:
    with computer(certificate) as gpg:
        gpg.make_key(CARL)
        yield gpg


@pytest.fixture(scope="session")
def carl(office: Gpg) -> Cert:
    return office.certificate(CARL)


@pytest.fixture(scope="session")
def sealed(office: Gpg, certificate: Cert) -> bytes:
    return office.seal(ROWS, to=certificate)


@pytest.fixture(scope="session")
def armoured(office: Gpg, certificate: Cert) -> bytes:
    return office.seal(ROWS, "--armor", "-se", to=certificate)
