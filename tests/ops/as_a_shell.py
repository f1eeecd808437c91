"""Makes the process in which commands are read (warm.py) like a shell without a terminal: what a command reads of it is not the developer's."""

import os
import sys
from pathlib import Path

os.environ.clear()
sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  as long as the process
