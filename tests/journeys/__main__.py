"""Plays the named journeys, or all: python -m tests.journeys [NAME …]. `make demo-check` calls this."""

import sys

from homeroom.ops.answers import NotDone, err
from tests.journeys.run import run_journeys

if __name__ == "__main__":
    try:
        sys.exit(run_journeys(sys.argv[1:]))
    except NotDone as no:
        err.print(str(no), markup=False)
        sys.exit(1)
