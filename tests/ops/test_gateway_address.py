"""The name that a gateway announces, the address that it binds, and a gateway that can't have its port."""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.removing_all import remove_installation
from tests.ops.portal import answered, homeroom
from tests.ports import free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="hr-ops-"))
    made.chmod(0o755)
    yield made
    remove_installation(Installation.at(made))


def test_a_new_gateway_listens_to_this_computer_alone_and_says_so(folder: Path) -> None:
    made = homeroom("new", str(folder), "--sftp-host", "import.example.org", "--sftp-port", str(free_port()))
    assert made.returncode == 0 and "no one outside" in made.stderr
    found = homeroom("doctor", "--folder", str(folder)).stdout
    assert "no one outside" in " ".join(found.split())


def test_a_new_installation_takes_no_port_that_a_program_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        made = homeroom("new", str(tmp_path / "site"), "--sftp-port", port)
    assert made.returncode == 1 and f"Port {port} is in use" in made.stderr and "--sftp-port" in made.stderr
    assert not (tmp_path / "site").exists()


def test_an_operator_changes_the_address_and_nothing_else(folder: Path) -> None:
    port = free_port()
    answered("new", str(folder), "--sftp-host", "import.example.org", "--sftp-port", str(port))
    words = ("gateway", "address", "--folder", str(folder))
    before = answered(*words)
    assert before == {"host": "import.example.org", "port": port, "listen": "127.0.0.1", "is_closed": True}
    assert answered(*words, "--listen", "0.0.0.0") == before | {"listen": "0.0.0.0", "is_closed": False}  # noqa: S104  nothing is started
    assert answered(*words, "--host", "files.example.org", "--port", "2022") == {
        "host": "files.example.org", "port": 2022, "listen": "0.0.0.0", "is_closed": False,  # noqa: S104  read, not bound
    }  # fmt: skip
    assert "[files.example.org]:2022 ssh-ed25519" in homeroom("gateway", "host-key", "--folder", str(folder)).stdout


def test_a_gateway_whose_port_is_taken_says_so_and_ends(folder: Path) -> None:
    port = free_port()
    answered("new", str(folder), "--sftp-port", str(port))
    with socket.create_server(("127.0.0.1", port)):
        ended = homeroom("gateway", "run", "--folder", str(folder))
    assert ended.returncode == 78, "systemd does not start it again"
    assert f"Port {port} is in use:" in ended.stderr and f"(process {os.getpid()}) listens there." in ended.stderr
    assert "gateway address --port" in ended.stderr and "gateway started" not in ended.stderr


def test_a_gateway_set_to_listen_on_another_computers_address_says_so_and_ends(folder: Path) -> None:
    answered("new", str(folder), "--sftp-port", str(free_port()))
    path = folder / "homeroom.toml"
    path.write_text(path.read_text().replace('listen = "127.0.0.1"', 'listen = "192.0.2.1"'))  # its value since the gateway was made
    ended = homeroom("gateway", "run", "--folder", str(folder))
    assert ended.returncode == 78 and "not have this" in ended.stderr
