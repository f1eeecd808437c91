"""Takes rights from the opener once it listens, so that an attacker who controls it can't send anything out: core
dumps, new programs and all kinds of sockets. If Linux refuses one of these limits, the log says so once.
"""

import logging
import os
import resource

from homeroom.confined.dumps import hide_memory, refuse_dumps
from homeroom.confined.filters import NO_SOCKETS, keep_to

OPEN_FILES = 64

log = logging.getLogger(__name__)


def confine() -> None:
    """Limits this process and those that it forks, permanently."""
    refuse_dumps()
    hide_memory()  # keeps the key from debuggers of the same user
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    try:
        _leave_network()
    except OSError as refused:
        log.warning("The opener keeps more than it should, for this host does not permit otherwise: %s.", refused)
    keep_to(NO_SOCKETS)


def _leave_network() -> None:
    """Moves to an empty network. Only root may do that. For other users, the refused system calls are the only protection."""
    if os.geteuid() == 0:
        os.unshare(os.CLONE_NEWNET)
