"""The gateway process: the SFTP door, one carrier and one collector a portal, in one event loop."""

import asyncio
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

from homeroom.gateway.book import BookOdd
from homeroom.gateway.durable import make_folder
from homeroom.gateway.live_book import LiveBook
from homeroom.gateway.log import say
from homeroom.gateway.office import Office
from homeroom.gateway.receipts import collect, sweep
from homeroom.gateway.recover import recover
from homeroom.gateway.route import carry
from homeroom.gateway.settings import SettingsOdd, read_settings
from homeroom.gateway.sftp import Doorkeeper, open_door, watch
from homeroom.gateway.spool import Spool

type Work = Callable[[Office, str], Coroutine[None, None, None]]


def run(folder: Path) -> None:
    """Until SIGTERM or SIGINT. `folder` is the installation: homeroom.toml and gateway/ are in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would put the names of files on the disk
    try:
        office = open_office(folder)
    except (BookOdd, SettingsOdd) as odd:
        sys.exit(str(odd))
    try:
        asyncio.run(_serve(office))
    finally:
        office.spool.close()


def open_office(folder: Path) -> Office:
    """Everything left by the last run is put in order first. Raises BookOdd, SettingsOdd."""
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


async def _serve(office: Office) -> None:
    keeper = Doorkeeper(office)
    door = await open_door(keeper)
    say("gateway open", host=office.settings.sftp_host, port=office.settings.sftp_port)
    endless = (watch(keeper), sweep(office), _tend(office, carry), _tend(office, collect))
    works = [asyncio.create_task(work) for work in endless]
    leave = asyncio.create_task(_told_to_leave())
    done, _ = await asyncio.wait([leave, *works], return_when=asyncio.FIRST_COMPLETED)
    door.close()
    for connection in list(keeper.callers):
        connection.abort()
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    for ended in done - {leave}:
        ended.result()  # a work never ends by itself: let the supervisor see why, and start us again
    say("gateway closed")


async def _told_to_leave() -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


async def _tend(office: Office, work: Work) -> None:
    """One task a portal, also for a portal added while we run; its failure is ours."""
    async with asyncio.TaskGroup() as group:
        tasks: dict[str, asyncio.Task[None]] = {}
        while True:
            slugs = set(office.book.portals) | {delivery.portal for delivery in office.spool.waiting()}
            for slug in slugs:
                if slug not in tasks or tasks[slug].done():
                    tasks[slug] = group.create_task(work(office, slug))
            await asyncio.sleep(1)
