"""Strangers connect to the gateway and do not sign in. Lincoln's office connects among them, and its connection is not the one that is closed."""

import pytest

from homeroom.gateway.startups import LEAST, SHORT, SIGNS_IN, Startups, network_of


def startups(*, begin: int = 4, rate: int = 30, full: int = 8, an_address: int = 8, drawn: int = 99) -> Startups[str]:
    return Startups(begin=begin, rate=rate, full=full, an_address=an_address, draw=lambda _: drawn)


def test_below_the_first_number_none_is_closed() -> None:
    there = startups(drawn=0)
    assert [there.arrive(f"caller {n}", f"10.0.0.{n}", n) for n in range(4)] == [None] * 4
    assert there.arrive("office", "192.0.2.1", 4) == "caller 0"


@pytest.mark.parametrize(("there_are", "percent"), [(3, 0), (4, 30), (5, 47), (6, 65), (7, 82), (8, 100)])
def test_the_chance_rises_as_that_of_openssh(there_are: int, percent: int) -> None:
    closes = []
    for drawn in (max(0, percent - 1), min(99, percent)):
        draws = iter([99] * there_are + [drawn])
        there = Startups[int](begin=4, rate=30, full=8, an_address=99, draw=lambda _, draws=draws: next(draws))
        for n in range(there_are):
            there.arrive(n, f"10.0.0.{n}", n)
        closes.append(there.arrive(100, "192.0.2.1", 100.0) is not None)
    assert closes == [percent > 0, percent == 100]


def test_the_oldest_is_closed_and_never_the_new_one() -> None:
    there = startups()
    for n in range(50):
        there.arrive(f"caller {n}", f"10.0.0.{n}", n * 10.0)
    assert len(there) == 8
    assert there.arrive("office", "192.0.2.1", 500.0) == "caller 42"
    assert list(there)[-1] == "office"


def test_a_caller_who_signed_in_is_no_longer_counted() -> None:
    there = startups()
    for n in range(8):
        there.arrive(f"caller {n}", f"10.0.0.{n}", n)
    there.leave("caller 0")
    there.leave("caller 0")  # also when the connection ends
    assert there.arrive("office", "192.0.2.1", 20.0) is None and len(there) == 8


def test_an_address_has_its_own_limit_and_closes_its_own_oldest() -> None:
    there = startups(begin=100, full=200, an_address=3)
    there.arrive("office", "192.0.2.1", 0.0)
    closed = [there.arrive(f"caller {n}", "10.0.0.1", 1.0) for n in range(5)]
    assert closed == [None, None, None, "caller 0", "caller 1"]
    assert list(there) == ["office", "caller 2", "caller 3", "caller 4"]


def test_the_network_with_the_most_connections_loses_one_in_a_flood() -> None:
    """All are younger than a sign-in takes, so the oldest may be the office's."""
    there = startups()
    there.arrive("office", "192.0.2.1", 0.0)
    for n in range(100):
        there.arrive(f"caller {n}", f"10.0.0.{n % 3}", SIGNS_IN * n / 100)
    assert "office" in there and len(there) == 8
    assert there.arrive("late", "10.0.0.9", SIGNS_IN + 0.1) == "office"


def test_a_shortage_of_file_descriptors_closes_half_and_lowers_the_limit_for_a_minute() -> None:
    there = startups(begin=100, full=200, an_address=200)
    for n in range(20):
        there.arrive(f"caller {n}", f"10.0.0.{n}", 0.0)
    assert there.run_short(5.0) == [f"caller {n}" for n in range(10)]
    assert there.arrive("office", "192.0.2.1", 5.1) == "caller 10" and len(there) == 10
    there.arrive("next", "192.0.2.2", 5.0 + SHORT)
    assert len(there) == 11
    for _ in range(5):
        there.run_short(100.0)
    assert len(there) == LEAST and "next" in there


def test_those_that_wait_too_long_are_named() -> None:
    there = startups()
    for n in range(3):
        there.arrive(f"caller {n}", f"10.0.0.{n}", float(n))
    assert there.older_than(10.0, 11.5) == ["caller 0", "caller 1"]


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_one_address(peer: str, network: str) -> None:
    assert network_of(peer) == network
