"""Runs the gateway under a parent process of its own, which restarts it after a crash and stops it in order."""

from collections.abc import Callable
from pathlib import Path

from homeroom.gateway.settings import Settings, read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.port_owners import in_use
from homeroom.portal.processes.child import become, become_program, close_all_but, die_with_parent
from homeroom.portal.processes.supervise import Part, supervise


def run_gateway(installation: Installation, tell: Callable[[str], object]) -> None:
    """Runs until SIGTERM or SIGINT. Raises NotDone if the gateway can't start."""
    part = gateway_part(installation, log=None)
    supervise([part], tell)
    if part.is_given_up:
        raise NotDone("The gateway did not start.")


def gateway_part(installation: Installation, log: Path | None) -> Part:
    """Starts a new interpreter, because the gateway must not contain Django or a database driver, even unused."""
    return Part(name="gateway", enter=lambda: _become_gateway(installation), log=log, patience=2.0)


def check_gateway_free(installation: Installation) -> Settings:
    """Raises NotDone if a program listens on the gateway's port, or SettingsOdd."""
    settings = read_settings(installation.folder)
    if taken := in_use(settings.bound, settings.sftp_port):
        raise NotDone(f"{taken} Stop it, or choose another port with `homeroom gateway address --port`.")
    return settings


def _become_gateway(installation: Installation) -> None:
    close_all_but([])
    become(installation.gateway_user)
    die_with_parent()
    become_program(["-m", "homeroom.gateway.run", str(installation.folder)])
