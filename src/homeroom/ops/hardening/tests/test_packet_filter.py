"""Firewalls as `nft -j list ruleset` prints them. Homeroom's own is read in tests/ops/test_hardening.py, from a real kernel."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.hardening.asking import NoAnswer
from homeroom.ops.hardening.needed_ports import NeededPorts
from homeroom.ops.hardening.packet_filter import judged, numbers, read

NEEDED = NeededPorts(pages=(80, 443), sftp=(2222,), tunnels=(51820,))
LO = {"match": {"op": "==", "left": {"meta": {"key": "iif"}}, "right": "lo"}}
KNOWN = {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}
STATES = {"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["established", {"accept": None}], ["invalid", {"drop": None}]]}}}
EVERYONE = "0.0.0.0"  # noqa: S104  compared, not bound
ACCEPT: dict[str, Any] = {"accept": None}


def port(right: Any, protocol: str = "tcp") -> dict[str, Any]:
    return {"match": {"op": "==", "left": {"payload": {"protocol": protocol, "field": "dport"}}, "right": right}}


def source(right: Any) -> dict[str, Any]:
    return {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": right}}


def printed(*rules: list[Any], policy: str = "drop", family: str = "inet", sets: tuple[dict[str, Any], ...] = ()) -> str:
    place = {"family": family, "table": "t"}
    chain = {"chain": {**place, "name": "in", "type": "filter", "hook": "input", "prio": 0, "policy": policy}}
    each = [{"rule": {**place, "chain": "in", "expr": words}} for words in rules]
    return json.dumps({"nftables": [{"metainfo": {"version": "1.1.3"}}, chain, *({"set": {**place, **one}} for one in sets), *each]})


def states(text: str) -> dict[str, str]:
    return {each.what: each.state for each in judged(read(text), NEEDED)}


GOOD = ([LO, ACCEPT], [KNOWN, ACCEPT], [STATES], [port({"set": [80, 443, 2222]}), ACCEPT], [source("@operators"), port(22), ACCEPT])


def test_a_firewall_that_opens_what_homeroom_needs_is_good() -> None:
    assert states(printed(*GOOD)) == {"firewall": "ok"}
    assert states(printed(*GOOD, [{"counter": {}}, {"drop": None}], policy="accept")) == {"firewall": "ok"}, "its last rule drops the rest"
    named = printed(*GOOD[:3], [port("@open"), ACCEPT], sets=({"name": "open", "elem": [443, {"range": [2222, 2222]}]},))
    assert states(named) == {"firewall": "ok"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"nftables": []}', {"firewall": "bad"}),
        (printed(*GOOD, policy="accept"), {"firewall": "bad"}),
        (printed(*GOOD, family="ip"), {"firewall": "bad"}),
        (printed(*GOOD, [ACCEPT]), {"firewall": "bad"}),
        (printed(*GOOD, [port({"range": [1, 65535]}), ACCEPT]), {"firewall": "bad"}),
        (printed(*GOOD, [source({"prefix": {"addr": EVERYONE, "len": 0}}), ACCEPT]), {"firewall": "bad"}),
        (printed(*GOOD, [port(22), {"limit": {"rate": 10}}, ACCEPT]), {"firewall: SSH": "bad"}),
        (printed(*GOOD, [port({"set": [5432, {"range": [8000, 8002]}]}), ACCEPT]), {"firewall: ports": "warn"}),
        (printed(*GOOD, [port({"set": [53, 51820]}, "udp"), ACCEPT]), {"firewall: UDP": "warn"}),
        (printed(*GOOD[:3], [port(443), ACCEPT]), {"firewall: closed": "bad"}),
        (printed(*GOOD, [{"jump": {"target": "ufw-before-input"}}]), {"firewall": "unknown"}),
        (printed([{"xt": {"type": "match", "name": "tcp"}}, ACCEPT], family="ip"), {"firewall": "unknown"}),
    ],
)
def test_a_firewall_that_opens_more_or_less_is_named(text: str, found: dict[str, str]) -> None:
    assert states(text) == found


def test_a_rule_after_one_that_drops_everything_opens_nothing() -> None:
    assert states(printed(*GOOD, [{"drop": None}], [port(5432), ACCEPT])) == {"firewall": "ok"}


def test_a_rule_about_the_outside_interface_opens_the_port_and_one_about_a_tunnel_does_not() -> None:
    name = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "eth0"}}
    assert states(printed(*GOOD, [name, port(5432), ACCEPT])) == {"firewall: ports": "warn"}
    tunnel = {"match": {**name["match"], "right": "homeroom"}}
    assert states(printed(*GOOD, [tunnel, port(22), ACCEPT])) == {"firewall": "ok"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"nftables": [{"chain": {"hook": "input", "type": "filter"}}]}', printed([port({"odd": 1}), ACCEPT])])
def test_a_text_that_is_no_ruleset_can_not_be_judged(text: str) -> None:
    with pytest.raises(NoAnswer, match="can't read"):
        read(text)


PORT = st.integers(1, 65535)
RANGES = st.tuples(PORT, PORT).map(lambda pair: {"range": sorted(pair)})


@given(st.lists(PORT | RANGES))
def test_a_set_of_ports_has_each_of_its_ports(those: list[Any]) -> None:
    found = numbers({"set": those})
    assert all(each in found if isinstance(each, int) else {*each["range"]} <= found for each in those)
    assert len(found) <= sum(1 if isinstance(each, int) else each["range"][1] - each["range"][0] + 1 for each in those)
