"""Each process of a portal is a program of its own and shares no memory with the others, so none loads or keeps what it doesn't need."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LOGINS = {"door": "door", "web": "app", "jobs": "jobs"}
LOADED = """
import importlib, sys
if {login!r} == "jobs":
    importlib.import_module("homeroom.portal.jobs")
else:
    from django.template import engines
    from django.urls import get_resolver
    from homeroom.portal.wsgi import application
    get_resolver().url_patterns, engines["django"].engine
print({{"polars", "numpy"}} & set(sys.modules))
"""
HASHES = """
import time
from pathlib import Path
from homeroom.portal.door import hash_places
from homeroom.portal.door.hashing import Argon2id
from homeroom.portal.processes.start import keep_less_memory

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

keep_less_memory()
hash_places.REST = 0.3
before = megabytes()
for _ in range(3):
    hash_places.hashed(lambda: Argon2id().encode("five unrelated words", "0123456789abcdef"))
kept = megabytes()
until = time.monotonic() + 20
while megabytes() - before > 5 and time.monotonic() < until:
    time.sleep(0.1)
print(kept - before, megabytes() - before)
"""


def said_by(program: str, folder: Path, login: str) -> str:
    shutil.copytree(Path(__file__).parents[5] / "tests" / "portal", folder)
    (folder / "secrets").mkdir()
    (folder / "secrets" / login).write_text("x")
    (folder / "secrets" / "factors").write_text("00" * 32)
    environment = {**os.environ, "HOMEROOM_PORTAL": str(folder), "HOMEROOM_LOGIN": login, "DJANGO_SETTINGS_MODULE": "homeroom.portal.settings"}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("process", LOGINS)
def test_pages_and_jobs_load_no_library_for_reading_files(process: str, tmp_path: Path) -> None:
    assert said_by(LOADED.format(login=LOGINS[process]), tmp_path / "portal", LOGINS[process]) == "set()\n"


def test_the_memory_of_a_hash_is_kept_for_the_next_one_and_given_back_after_a_rest(tmp_path: Path) -> None:
    kept, left = map(float, said_by(HASHES, tmp_path / "portal", "door").split())
    assert kept > 15 and left < 5
