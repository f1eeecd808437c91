"""kill -9 of the gateway and the inbox: after calls that reach the disk or the network, and at any moment."""

import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from homeroom.portal.intake.inbox import receipt_box
from tests.journeys.gateway_rig import OFFICE, Rig, assert_once, digest_of, sealed
from tests.journeys.kill import Part, read_trace, storm, until

CONTENT = sealed(b"grades" * 100)
type Note = Callable[[str, object], None]


@pytest.fixture
def model(tmp_path: Path) -> Rig:
    rig = Rig(tmp_path / "model").make("lincoln")
    rig.write("export", CONTENT)
    return rig


def copy_of(model: Rig, name: str) -> Rig:
    """Returns a rig with the same keys and ports in a fresh folder."""
    folder = model.folder.parent / name
    shutil.copytree(model.folder, folder)
    return Rig(folder, model.sftp_port, model.inbox_ports)


def send_until_taken(rig: Rig, name: str = "export") -> None:
    """Sends until the server accepts the file, as a district's script does. After that, it never sends the file again."""
    assert until(lambda: rig.sftp(f"put {name} incoming/{name}").returncode == 0, seconds=30), rig.log.read_text()


def receipts(rig: Rig) -> list[Path]:
    return list(rig.home.glob("receipts/*.asc"))


def journey(rig: Rig, gateway: Part, inbox: Part, *, and_then: Callable[[], None] = lambda: None) -> None:
    """Sends one file and gets one receipt. A part that is killed on the way is started again, and no longer kills itself."""
    done, parts = threading.Event(), [inbox.start(), gateway.start()]

    def tend() -> None:
        while not done.wait(0.02):
            for number, part in enumerate(parts):
                if not part.is_alive:
                    parts[number] = part.disarmed().start()

    tender = threading.Thread(target=tend)
    tender.start()
    try:
        send_until_taken(rig)
        digest = digest_of(CONTENT)
        assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
        receipt_box.put(rig.portal(), digest, OFFICE, rig.receipt(digest))
        assert until(lambda: bool(receipts(rig))), rig.log.read_text()
        and_then()
    finally:
        done.set()
        tender.join()
        for part in parts:
            part.kill()
    assert_once(rig, {digest: CONTENT})
    assert len(receipts(rig)) == 1


def points_of(model: Rig, who: str) -> list[str]:
    """Returns every call of a whole journey, from its start to the sender's receipt and the gateway's note of it."""
    rig = copy_of(model, f"traced-{who}")
    trace = rig.folder / "trace"
    gateway = rig.gateway_part(trace=trace) if who == "gateway" else rig.gateway_part()
    inbox = rig.inbox_part(trace=trace) if who == "inbox" else rig.inbox_part()
    noted = f"fsync\t{rig.gateway}/journal/journal"

    def is_noted() -> bool:
        points = read_trace(trace)
        return noted in points[next((at for at, call in enumerate(points) if call.endswith(".asc")), len(points)) :]

    def wait() -> None:
        assert who != "gateway" or until(is_noted), "the gateway notes the receipt after the sender has it"

    journey(rig, gateway, inbox, and_then=wait)
    return read_trace(trace)


def worth_dying_after(points: list[str], port: int) -> list[int]:
    """Returns all calls to the disk, the first 12 sends to or from a portal, and 12 of SFTP's answers, every other one."""
    disk = [at for at, line in enumerate(points, 1) if not line.startswith("send")]
    posts = [at for at, line in enumerate(points, 1) if line.startswith("send") and f", {port})" in line]
    answers = [at for at in range(1, len(points) + 1) if at not in disk and at not in posts]
    return sorted([*disk, *posts[:12], *answers[::2][:12]])


def test_gateway_dies_after_each_call_and_the_file_arrives_once(model: Rig, record_property: Note) -> None:
    points = points_of(model, "gateway")
    chosen = worth_dying_after(points, model.inbox_ports["lincoln"])
    kinds = {points[at - 1].split("\t")[0] for at in chosen}
    assert {"fsync", "replace", "unlink", "send"} <= kinds, points
    for at in chosen:
        rig = copy_of(model, f"g{at}")
        journey(rig, rig.gateway_part(die_after=at), rig.inbox_part())
        shutil.rmtree(rig.folder)
    record_property("died after", [points[at - 1] for at in chosen])


def test_inbox_dies_after_each_call_and_the_file_arrives_once(model: Rig, record_property: Note) -> None:
    points = points_of(model, "inbox")
    chosen = [at for at, line in enumerate(points, 1) if not line.startswith("send")]
    chosen += [at for at in range(1, len(points) + 1) if at not in chosen][:10]
    for at in chosen:
        rig = copy_of(model, f"i{at}")
        journey(rig, rig.gateway_part(), rig.inbox_part(die_after=at))
        shutil.rmtree(rig.folder)
    record_property("died after", [points[at - 1] for at in chosen])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_of_kills_loses_nothing_and_doubles_nothing(model: Rig, seed: int) -> None:
    random = Random(seed)
    contents = {}
    for number in range(12):
        content = sealed(random.randbytes(random.choice([100, 50_000, 3_000_000])))
        contents[model.write(f"export{number}", content)] = content
    parts = [model.gateway_part().start(), model.inbox_part().start()]
    over = threading.Event()
    senders = [threading.Thread(target=_keep_sending, args=(model, names, over)) for names in _dealt(12, 3)]
    for sender in senders:
        sender.start()
    try:
        parts = storm(parts, kills=50, random=random, pause=(0.05, 0.35))
    finally:
        over.set()
        for sender in senders:
            sender.join()
    try:
        for number in range(12):
            if digest_of((model.folder / f"export{number}").read_bytes()) not in _taken(model):
                send_until_taken(model, f"export{number}")
        arrived = lambda: len(list(model.inbox().glob("*.json"))) == 12 and not model.spooled()  # noqa: E731  one line says it
        assert until(arrived), model.log.read_text()
    finally:
        for part in parts:
            part.kill()
    assert_once(model, contents)


def _dealt(number: int, hands: int) -> list[list[str]]:
    return [[f"export{each}" for each in range(hand, number, hands)] for hand in range(hands)]


def _taken(model: Rig) -> set[str]:
    return {line for path in model.folder.glob("taken-*") for line in path.read_text().split()}


def _keep_sending(model: Rig, names: list[str], over: threading.Event) -> None:
    """Sends each file until it is taken, then the next one, and then begins again, so that something is always moving."""
    while not over.is_set():
        for name in names:
            while not over.is_set():
                sent = subprocess.run(
                    ["sftp", "-q", "-b", "-", *model.options(), f"{OFFICE}@127.0.0.1"],
                    input=f"put {name} incoming/{name}.part\nrename incoming/{name}.part incoming/{name}\n",
                    text=True, capture_output=True, cwd=model.folder, timeout=60,
                )  # fmt: skip
                if sent.returncode == 0:
                    with (model.folder / f"taken-{names[0]}").open("a") as note:
                        note.write(digest_of((model.folder / name).read_bytes()) + "\n")
                    break


def test_nothing_is_promised_before_it_is_on_the_disk(model: Rig) -> None:
    """SIGKILL keeps what the kernel has, and a power failure does not. So the test checks the order of the calls."""
    points = points_of(model, "gateway")
    calls = [line.split("\t") for line in points]
    gateway = str(model.folder.parent / "traced-gateway" / "gateway")
    digest = digest_of(CONTENT)
    spooled = f"{gateway}/spool/{OFFICE}/{digest}.pgp"
    moved = next(at for at, call in enumerate(calls) if call[0] == "replace" and call[2] == spooled)
    draft = calls[moved][1]
    assert ["fsync", draft] in calls[:moved], "the file, before it gets its name"
    noted = _next(calls, moved, ["fsync", f"{gateway}/spool/{OFFICE}"])
    promised = _next(calls, noted, ["fsync", f"{gateway}/journal/journal"])
    answer = next(at for at in range(moved, len(calls)) if calls[at][0] == "send" and "-" not in calls[at][1])
    assert promised < answer
    post = next(at for at in range(answer, len(calls)) if f", {model.inbox_ports['lincoln']})" in calls[at][-1])
    delivered = _next(calls, post, ["fsync", f"{gateway}/journal/journal"])
    removed = _next(calls, delivered, ["unlink", spooled])
    _next(calls, removed, ["fsync", f"{gateway}/spool/{OFFICE}"])
    receipt = next(at for at, call in enumerate(calls) if call[0] == "replace" and call[2].endswith(".asc"))
    assert ["fsync", calls[receipt][1]] in calls[:receipt]
    counted = _next(calls, receipt, ["fsync", f"{gateway}/home/{OFFICE}/receipts"])
    _next(calls, counted, ["fsync", f"{gateway}/journal/journal"])


def test_inbox_answers_only_for_what_is_on_the_disk(model: Rig) -> None:
    model.settings = model.settings.replace("receipts_otherwise = 0.3", "receipts_otherwise = 60")
    model.write_settings()  # so that nothing else is answered in that time
    digest, trace, inbox = digest_of(CONTENT), model.folder / "trace", str(model.inbox())
    traced = model.inbox_part(trace=trace).start()
    try:
        with model.running():
            send_until_taken(model)
            assert until(lambda: model.is_delivered(digest)), model.log.read_text()
    finally:
        traced.kill()
    calls = [line.split("\t") for line in read_trace(trace)]
    named = next(at for at, call in enumerate(calls) if call[0] == "replace" and call[2] == f"{inbox}/{digest}.pgp")
    assert ["fsync", calls[named][1]] in calls[:named], "the file, before it gets its name"
    synced = _next(calls, named, ["fsync", inbox])
    noted = next(at for at, call in enumerate(calls) if call[0] == "replace" and call[2] == f"{inbox}/{digest}.json")
    assert synced < noted and ["fsync", calls[noted][1]] in calls[synced:noted]
    kept = _next(calls, noted, ["fsync", inbox])
    assert all(call[0] != "send" for call in calls[named : kept + 1]), "no answer before the note is safe"


def _next(calls: list[list[str]], start: int, wished: list[str]) -> int:
    """Returns the place of the next such call. If it is missing, a power failure could lose a file that was promised to be kept."""
    places = [at for at in range(start + 1, len(calls)) if calls[at] == wished]
    assert places, f"{wished} does not follow {calls[start]}"
    return places[0]


def test_torn_journal_is_read_up_to_its_tear(model: Rig) -> None:
    with model.running():
        send_until_taken(model)
    journal = model.gateway / "journal" / "journal"
    whole = journal.read_bytes()
    for cut in range(0, len(whole), 40):
        copied = copy_of(model, f"cut{cut}")
        (copied.gateway / "journal" / "journal").write_bytes(whole[:cut])
        with copied.running("lincoln"):
            assert until(lambda rig=copied: rig.is_delivered(digest_of(CONTENT))), copied.log.read_text()
        assert_once(copied, {digest_of(CONTENT): CONTENT})


def test_kill_harness_really_kills(model: Rig) -> None:
    part = model.gateway_part(die_after=1).start()
    assert part.wait_dead(10)
    assert "gateway open" not in model.log.read_text()
