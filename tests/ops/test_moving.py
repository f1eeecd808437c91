"""A portal gets another name and other ports. It is served under them, and the gateway delivers to its new inbox, even after the command was killed."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from homeroom.gateway.book import read_portals
from homeroom.gateway.settings import read_settings
from homeroom.portal.place import Place
from tests.ops.portal import answered, homeroom, installation, running
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
KILLED = """import sys; from pathlib import Path
from homeroom.ops.portal import moving; from homeroom.ops.host.installation import Installation; from tests.ops.dying_backup import around, die_alone
around(moving, sys.argv[2], **{sys.argv[3]: die_alone})
moving.move_portal(Installation.at(Path(sys.argv[1])), "lincoln", {"port": int(sys.argv[4]), "inbox_port": int(sys.argv[5])}, dry_run=False)"""


def test_a_portal_moves_and_is_served_there_under_its_new_name() -> None:
    with installation() as made:
        folder, port, inbox = ("--folder", str(made.folder)), free_port(), free_port()
        words = ("portal", "address", "lincoln", "--port", str(port), "--inbox-port", str(inbox), *folder)
        url = read_portals(made.gateway)["lincoln"].url
        assert answered(*words, "--dry-run")["is_done"] is False and read_portals(made.gateway)["lincoln"].url == url
        for name, when in (("write_words", "before"), ("write_words", "after"), ("tell_gateway", "before")):
            killed = [sys.executable, "-c", KILLED, str(made.folder), name, when, str(port), str(inbox)]
            assert subprocess.run(killed, cwd=ROOT, env=os.environ).returncode == -9
        assert read_portals(made.gateway)["lincoln"].url == url, "it was killed before the gateway knew"
        assert answered(*words)["is_done"] and read_portals(made.gateway)["lincoln"].url == f"https://127.0.0.1:{inbox}"
        assert answered("portal", "rename", "lincoln", "Lincoln Valley Unified", *folder)["needs_restart"] is False
        answered("gateway", "address", "--port", str(free_port()), *folder)
        with running(made):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in") as page:
                assert "Lincoln Valley Unified" in page.read().decode()
            found = {each["what"]: each["state"] for each in json.loads(homeroom("doctor", "--json", *folder).stdout)}
            assert found["gateway to lincoln"] == "ok" and Place.read(made.portal("lincoln")).inbox_port == inbox
            assert answered("portal", "address", "lincoln", *folder)["port"] == port
            assert answered("portal", "rename", "lincoln", "Lincoln Unified", *folder)["needs_restart"] is True
        assert read_settings(made.folder).sftp_port not in (port, inbox)
