"""`homeroom <noun> <verb>`. Each command's words are in its own module; what it needs is read only when it runs."""

import os
import sys
import traceback

import typer

from homeroom.confined.dumps import hide_memory, refuse_dumps
from homeroom.ops import removing_commands, whole_commands
from homeroom.ops.answers import err, sentence
from homeroom.ops.backup import commands as backup_commands
from homeroom.ops.backup import key_commands, settling_commands
from homeroom.ops.demo import incident_commands as drill_commands
from homeroom.ops.district import commands as sending_commands
from homeroom.ops.doctor import review_commands
from homeroom.ops.gateway import commands as gateway_commands
from homeroom.ops.hardening import commands as hardening_commands
from homeroom.ops.host import commands as host_commands
from homeroom.ops.host.cleared import clear_environment, is_serving
from homeroom.ops.host.installation import is_root
from homeroom.ops.incident import commands as incident_commands
from homeroom.ops.people import code_commands, factor_commands, restriction_commands, student_commands, tie_commands
from homeroom.ops.people import commands as people_commands
from homeroom.ops.portal import (
    board_commands,
    breached_commands,
    data_sheet_commands,
    event_commands,
    ledger_commands,
    moving_commands,
    network_commands,
    registration_commands,
    setting_commands,
    support_commands,
    tutor_commands,
    upgrade_commands,
    viewing_commands,
)
from homeroom.ops.portal import commands as portal_commands
from homeroom.ops.restore import commands as restore_commands

app = typer.Typer(
    name="homeroom",
    help="Homeroom: a school portal that districts host. `homeroom COMMAND --help` has words and an example for each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
whole_commands.add_to(app)
portal_commands.add_to(app)
upgrade_commands.add_to()
removing_commands.add_to(app)
incident_commands.add_to(app)
drill_commands.add_to()
moving_commands.add_to()
network_commands.add_to()
breached_commands.add_to()
event_commands.add_to(app)
data_sheet_commands.add_to()
review_commands.add_to()
viewing_commands.add_to()
board_commands.add_to()
registration_commands.add_to()
tutor_commands.add_to()
setting_commands.add_to()
support_commands.add_to()
code_commands.add_to()
gateway_commands.add_to(app)
host_commands.add_to(app)
hardening_commands.add_to()
people_commands.add_to(app)
tie_commands.add_to(app)
factor_commands.add_to()
restriction_commands.add_to(app)
student_commands.add_to(app)
ledger_commands.add_to(app)
sending_commands.add_to(app)
backup_commands.add_to(app)
settling_commands.add_to()
restore_commands.add_to(app)
key_commands.add_to(app)


def main() -> None:
    """Exit codes: 0 done, 1 not done (one sentence says why), 2 the command itself was not understood. A command that
    serves ends with 78 if a person must change something first."""
    refuse_dumps()  # many commands read keys
    if is_serving(sys.argv[1:]):
        clear_environment()
    if is_root() or not is_serving(sys.argv[1:]):
        hide_memory()
    try:
        app()  # leaves by sys.exit, with 2 and a word about --help where an option or command is unknown
    except Exception as trouble:  # noqa: BLE001  the last frame before the shell: one sentence, never a traceback
        err.print(sentence(trouble), markup=False)
        if os.environ.get("HOMEROOM_DEBUG"):
            traceback.print_exc()
        sys.exit(1)


if __name__ == "__main__":
    main()
