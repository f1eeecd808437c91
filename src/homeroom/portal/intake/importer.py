"""The process of one import, forked by intake. It reports which digests have ended, and its memory is freed when it exits."""

import logging
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from homeroom.judging.decide import LimitsOdd
from homeroom.portal.intake.carrying import (
    NotCarriedOut,
    carry_out_next,
    end_overtaken,
    give_up,
    import_next_in_line,
)
from homeroom.portal.intake.importing import connect, import_file
from homeroom.portal.intake.opening.frames import OpenerAway
from homeroom.portal.intake.opening.store import NoRoom
from homeroom.portal.place import Place, PlaceOdd

DECIDED = "decided"  # reported instead of a digest
DONE, FAILED, AWAY = 0, 1, 75  # 75 is EX_TEMPFAIL: nothing is wrong with the file

log = logging.getLogger(__name__)


def main(portal: Path, digests: Iterable[str], tell: Callable[[str], object] = print) -> int:
    """Ends after the first decision that is carried out or the first file that is imported, put on hold or refused. Skips files that
    ended before. Decisions and files that waited in line come before new files."""
    try:
        place = Place.read(portal)
        with connect(place) as connection:
            if _decided(place, connection) or import_next_in_line(place, connection, datetime.now(UTC)):
                tell(DECIDED)
                return DONE
            for digest in digests:
                is_new = import_file(place, connection, digest, datetime.now(UTC))
                if is_new:
                    end_overtaken(place, connection, datetime.now(UTC))
                tell(digest)
                if is_new:
                    break
    except (OpenerAway, psycopg.OperationalError, NoRoom) as away:
        log.warning("intake waits: %s", _plain(away))
        return AWAY
    except (LimitsOdd, PlaceOdd) as odd:
        log.error("intake cannot work: %s", odd)
        return AWAY
    except Exception as odd:  # noqa: BLE001  the process ends here, and no value of a file may get into the log
        log.error("an import failed: %s", _plain(odd))
        return FAILED
    return DONE


def _decided(place: Place, connection: Connection[Any]) -> bool:
    """Returns whether a decision was carried out or given up. Raises errors after which it is tried again later."""
    try:
        return carry_out_next(place, connection, datetime.now(UTC))
    except NotCarriedOut as failed:
        log.error("a decision could not be carried out: %s", _plain(failed.__cause__ or failed))
        give_up(connection, failed.decision)
        return True


def _plain(error: BaseException) -> str:
    """Returns an error's type and place without its message, because PostgreSQL's messages quote the row and Python's the value."""
    state = getattr(error, "sqlstate", None)
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-3:])
    return f"{type(error).__name__}{f' {state}' if state else ''} at {where}"
