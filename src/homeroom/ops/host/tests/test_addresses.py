"""The address of an operator's own PostgreSQL, before anything is sent there."""

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.host.addresses import checked_address

ELSEWHERE = "postgresql://postgres@db.example.org/postgres"


@pytest.mark.parametrize("mode", ["", "?sslmode=disable", "?sslmode=prefer", "?sslmode=require"])
def test_a_database_on_another_host_whose_certificate_is_not_checked_is_refused(mode: str) -> None:
    with pytest.raises(NotDone, match="verify-full"):
        checked_address(ELSEWHERE + mode)


@pytest.mark.parametrize("url", [f"{ELSEWHERE}?sslmode=verify-full", f"{ELSEWHERE}?sslmode=verify-ca", "postgresql://postgres@127.0.0.1:5432/postgres"])
def test_a_checked_certificate_or_this_computer_is_fine(url: str) -> None:
    checked_address(url)
