"""The gateway process: the SFTP server, and one carrier and one collector per portal, in one event loop."""

import asyncio
import errno
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import NoReturn

from homeroom.confined.dumps import hide_memory_in, refuse_dumps
from homeroom.confined.filters import NETWORK, keep_to
from homeroom.gateway.arrivals import listening, welcome
from homeroom.gateway.book import BookOdd
from homeroom.gateway.durable import make_folder
from homeroom.gateway.live_book import LiveBook
from homeroom.gateway.log import say
from homeroom.gateway.office import Office
from homeroom.gateway.receipts import collect, sweep
from homeroom.gateway.recover import recover
from homeroom.gateway.route import carry
from homeroom.gateway.settings import SettingsOdd, read_settings
from homeroom.gateway.sftp import Doorkeeper, door_options, watch
from homeroom.gateway.spool import Spool

CANNOT_START = 78  # portal.processes.supervise has the same value, since the gateway has none of the portal's code

type Work = Callable[[Office, str], Coroutine[None, None, None]]


def run(folder: Path) -> None:
    """Runs until SIGTERM or SIGINT. `folder` is the installation, with homeroom.toml and gateway/."""
    refuse_dumps()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the usual limit of 1,024 open files is for programs that call select()
    try:
        office = open_office(folder)
    except (BookOdd, SettingsOdd) as odd:
        cannot_start(odd)
    try:
        asyncio.run(_serve(office))
    except DoorTaken as taken:
        cannot_start(taken)
    finally:
        office.spool.close()


def cannot_start(why: Exception) -> NoReturn:
    """Writes one sentence, and exits with the code that makes the supervisor stop trying."""
    sys.stderr.write(f"{why}\n")
    sys.exit(CANNOT_START)


def open_office(folder: Path) -> Office:
    """First cleans up what the last run left. Raises BookOdd, SettingsOdd."""
    gateway = folder / "gateway"
    settings = read_settings(folder)
    for needed in ("host_key", "tls/client.pem"):
        if not (gateway / needed).is_file():
            raise SettingsOdd(f"There is no {gateway / needed}; make the folder with `homeroom new`.")
    for name in ("home", "spool", "journal"):
        make_folder(gateway / name)
    book = LiveBook(gateway)
    spool = Spool(gateway)
    recover(gateway, spool, book)
    return Office(gateway, settings, book, spool)


class DoorTaken(Exception):
    """The message says which address and what to do."""


def reason(taken: OSError) -> str:
    if taken.errno == errno.EADDRINUSE:
        return "another program has this port. Stop it, or choose another one with `homeroom gateway address --port`."
    if taken.errno == errno.EACCES:
        return "only root may take a port below 1024. Choose another one with `homeroom gateway address --port`."
    return "this computer does not have this address. Choose one that it has, or 0.0.0.0 for all of them, with `homeroom gateway address --listen`."


async def _serve(office: Office) -> None:
    keeper = Doorkeeper(office)
    settings, options = office.settings, await door_options(keeper)
    try:
        doors = listening(settings.bound, settings.sftp_port)
    except OSError as taken:
        raise DoorTaken(f"The gateway can't listen on {settings.bound}, port {settings.sftp_port}: {reason(taken)}") from taken
    say("gateway open", host=settings.bound, port=settings.sftp_port)
    arrivals = [welcome(keeper, door, options) for door in doors]
    endless = (watch(keeper), sweep(office), _tend(office, carry), _tend(office, collect), *arrivals)
    works = [asyncio.create_task(work) for work in endless]
    leave = asyncio.create_task(_told_to_leave())
    done, _ = await asyncio.wait([leave, *works], return_when=asyncio.FIRST_COMPLETED)
    for connection in keeper.callers:
        connection.abort()
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    for door in doors:
        door.close()
    keeper.log.tell_left_out(is_last=True)
    for ended in done - {leave}:
        ended.result()  # a task never ends by itself, so let the supervisor see why and start again
    say("gateway closed")


async def _told_to_leave() -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


async def _tend(office: Office, work: Work) -> None:
    """Runs one task per portal, also for portals added later. A failed task stops the gateway."""
    async with asyncio.TaskGroup() as group:
        tasks: dict[str, asyncio.Task[None]] = {}
        while True:
            slugs = set(office.book.portals) | {delivery.portal for delivery in office.spool.waiting()}
            for slug in slugs:
                if slug not in tasks or tasks[slug].done():
                    tasks[slug] = group.create_task(work(office, slug))
            await asyncio.sleep(1)


def main() -> None:
    """The program of the gateway's process. It gives up core dumps and system calls before it reads its key."""
    folder = Path(sys.argv[1])
    hide_memory_in(folder)
    keep_to(NETWORK)
    run(folder)


if __name__ == "__main__":
    main()
