"""`homeroom portal create|run|policy|cert|rollover …`."""

import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.ops.answers import AsJson, err, say, say_json, serves, show
from homeroom.ops.host.installation import FolderOption, Installation, checked_slug, making

portal = typer.Typer(no_args_is_help=True, help="A district's portal: make it, run it, see who may read what.")
Slug = Annotated[str, typer.Argument(help="The portal's short name, such as lincoln.")]

Name = Annotated[str, typer.Option(help="The district's name, as families know it.")]
TimeZone = Annotated[str, typer.Option(help="Such as America/Los_Angeles.")]
Phone = Annotated[str, typer.Option(help="The office to call when something does not work.")]
Administrators = Annotated[list[str], typer.Option(help="First and last name. Give it twice, for two administrators.")]
Second = Annotated[str, typer.Option(help="First and family name of a person whom the board names: confirms or stops, is no administrator.")]
Support = Annotated[list[str], typer.Option(help="First and last name of a support person whom administrators may let in.")]
Passwords = Annotated[bool, typer.Option("--passwords", help="Show passwords instead of codes. For a trial that no one else can reach.")]
Host = Annotated[str, typer.Option(help="The name in families' address bar.")]
Port = Annotated[int, typer.Option(help="The port in families' address bar.", min=1, max=65535)]
InboxPort = Annotated[int, typer.Option(help="Where the gateway delivers.", min=1, max=65535)]
Listen = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")]
Secure = Annotated[bool, typer.Option("--secure", help="Families come by https.")]
FirstDay = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day of it.")]
LastDay = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day of it.")]
Database = Annotated[str, typer.Option(help="Your own PostgreSQL server, as a postgresql:// address.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(portal, name="portal")


@portal.command()
def create(
    slug: Slug,
    name: Name,
    time_zone: TimeZone,
    phone: Phone,
    administrator: Administrators,
    host: Host = "localhost",  # a name, because browsers make no passkey for an IP address
    port: Port = 8000,
    inbox_port: InboxPort = 8400,
    listen: Listen = "127.0.0.1",
    secure: Secure = False,
    database: Database = "",
    second: Second = "",
    support: Support = [],  # noqa: B006  typer's way to say none
    passwords: Passwords = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Makes a portal: its database, logins, keys, and a one-use code for each of the first two administrators, shown once.

    Example: homeroom portal create lincoln --name "Lincoln Unified" --time-zone America/Los_Angeles
    --phone "(555) 010-0130" --administrator "Carl Webb" --administrator "Ruth Adler"
    """
    words = (checked_slug(slug), name, time_zone, phone, host, port, inbox_port, listen, secure, database)
    result = _made(folder, words, (administrator, second, passwords, support))
    say_json(result) if as_json else _say_made(name, slug, result)


def _made(folder: Path, words: tuple[Any, ...], people: tuple[list[str], str, bool, list[str]]) -> dict[str, Any]:
    from homeroom.ops.portal.create import Wish
    from homeroom.ops.portal.making import People, made

    wish = Wish(*words)
    def tell(step: str) -> None:
        err.print(f"{wish.slug}: {step}", markup=False)

    installation = Installation.at(folder)
    with making(installation.folder):
        return made(installation, wish, People(*people), tell)


def _say_made(name: str, slug: str, result: dict[str, Any]) -> None:
    say(f"{name} is made. Certificate for districts to seal to: {result['certificate']}")
    say(f"Its fingerprint, to print and hand over: {result['fingerprint']}")
    has_passwords = "password" in result["administrators"][0]
    trial = ("administrator", "sign-in name", "password, shown once", "authenticator key, shown once")
    columns = trial if has_passwords else ("administrator", "code for /sign-in/code, shown once")
    show("First administrators", columns, [tuple(each.values()) for each in result["administrators"]])
    if "second" in result:
        show("Named by the board", ("second person", *columns[1:]), [tuple(result["second"].values())])
    if result["support"]:
        show("Support", ("name", "code for /support/register, shown once"), [tuple(each.values()) for each in result["support"]])
    start = f"Start it with `homeroom portal run {slug}`, or everything in this folder with `homeroom up`."
    say("`homeroom up` runs here, and serves it within a few seconds." if result["is_served"] else start)


@portal.command()
@serves
def run(slug: Slug, folder: FolderOption = Path()) -> None:
    """Runs the portal's processes until Ctrl-C or SIGTERM; whatever dies is started again.

    Example: homeroom portal run lincoln
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.release import check_release
    from homeroom.ops.portal.ports import check_free
    from homeroom.portal.processes.portal import run as run_portal

    installation = Installation.at(folder)
    open_way(installation.folder)
    check_release(installation.portal(slug))
    check_free(installation.portal(slug))
    run_portal(installation.portal(slug), tell=lambda line: err.print(f"{slug}: {line}", markup=False))


@portal.command()
@serves
def prepare(slug: Slug, folder: FolderOption = Path()) -> None:
    """Gives a portal's files to the users of its processes, and makes the folders of its sockets. systemd's units run it before the processes.

    Example: homeroom portal prepare lincoln
    """
    from homeroom.ops.host.release import check_release
    from homeroom.portal.processes.portal import prepare as prepare_portal

    check_release(where := Installation.at(folder).portal(slug))
    prepare_portal(where)


@portal.command()
def policy(slug: Slug, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Prints, from the live database, which login may read and write which table, and on what condition.

    Example: homeroom portal policy lincoln
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner
    from homeroom.portal.access.catalogue import policy_table

    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        lines = policy_table(connection)
    if as_json:
        say_json([asdict(line) for line in lines])
        return
    columns = ("table, column or function", "login", "may", "which rows")
    show(f"Who may do what in {slug}", columns, [(line.on, line.login, line.verb, line.rows) for line in lines])


@portal.command()
def rollover(
    slug: Slug,
    first: FirstDay = None,
    last: LastDay = None,
    is_off: Annotated[bool, typer.Option("--off", help="Take back what was announced.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Announces the days on which a new school year's file is expected: emptied schools and whole classes that leave or come
    hold no file meanwhile. Everything else holds it as ever. Without days it says what is announced.

    Example: homeroom portal rollover lincoln --from 2027-08-02 --until 2027-08-20
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner
    from homeroom.ops.portal import rollovers

    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        if is_off:
            rollovers.take_back(connection)
        elif first or last:
            rollovers.announce(connection, _day(first), _day(last))
        days = rollovers.announced(connection)
    if as_json:
        say_json({"from": days and days[0], "until": days and days[1]})
        return
    say(f"A rollover is announced from {days[0]} to {days[1]}." if days else "No rollover is announced.")


@portal.command()
def limits(
    slug: Slug,
    changes: Annotated[list[str] | None, typer.Argument(help="As growth=0.3; growth= for the default again.")] = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Shows or changes the limits beyond which a file goes on hold. Limits are shares from 0 to 1. `few` is a number of rows or
    people that never puts a file on hold.

    Example: homeroom portal limits lincoln people_leave=0.08 few=10
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner
    from homeroom.ops.portal import limits as chosen

    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        if changes:
            chosen.change(connection, changes)
        now, odd = chosen.in_force(connection), chosen.oddity(connection)
    say_json(now) if as_json else show(f"Limits of {slug}", ("limit", "in force"), now.items())
    if odd:
        err.print(odd, markup=False)


@portal.command()
def nightly(
    slug: Slug,
    by: Annotated[str | None, typer.Option(help="By when the file is there, as 06:00 on the district's clock; \"\" for no such time.")] = None,
    weekends: Annotated[bool | None, typer.Option(help="Whether a file is expected on Saturday and Sunday, too.")] = None,
    mail: Annotated[str | None, typer.Option(help="Where import reports go; \"\" for nowhere.")] = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets when the nightly file is expected, and who at the district gets an email with the result. Without options it shows the
    current choice. If no file arrives, administrators see it on their page, and one email is sent.

    Example: homeroom portal nightly lincoln --by 06:00 --mail it@lincoln.example
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner
    from homeroom.ops.portal import nights

    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        if (by, weekends, mail) != (None, None, None):
            nights.choose(connection, by, weekends, mail)
        chosen = nights.chosen(connection)
    say_json(chosen.as_json()) if as_json else say(chosen.told())


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@portal.command()
def cert(
    slug: Slug,
    for_gateway: Annotated[bool, typer.Option("--for-gateway", help="What a gateway on another host needs.")] = False,
    renew: Annotated[bool, typer.Option("--renew", help="Make a new one. The old one opens for 30 more days.")] = False,
    receipts: Annotated[bool, typer.Option("--receipts", help="The certificate that signs the portal's receipts.")] = False,
    hybrid: Annotated[bool, typer.Option("--hybrid", help="The certificate for `homeroom seal`, with ML-KEM-768 and X25519.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Prints the certificate that districts seal to, with its fingerprint for the printed sheet.

    Example: homeroom portal cert lincoln > portal.asc; homeroom portal cert lincoln --receipts > receipts.asc
    """
    from homeroom.ops.portal import handing

    installation = Installation.at(folder)
    path = installation.portal(slug)
    if renew:
        err.print(f"Give districts {handing.renew(installation, path)}, which the old key signed, and `homeroom portal cert {slug} --hybrid`.", markup=False)
    if for_gateway:
        say_json(handing.gateway_entry(path, is_elsewhere=True))
        return
    card = handing.card_of(path)
    if as_json:
        say_json(card)
        return
    text, lines = handing.printed(card, "hybrid" if hybrid else "receipts" if receipts else "certificate")
    sys.stdout.write(text)
    err.print(lines, markup=False)


@portal.command()
def tls(
    slug: Slug,
    pem: Annotated[Path, typer.Option(help="A file with the private key and the certificate chain, in PEM.")],
    folder: FolderOption = Path(),
) -> None:
    """Gives the portal's address a certificate, so that families come by https. Restart the portal afterwards.

    Example: homeroom portal tls lincoln --pem portal.example.org.pem
    """
    from homeroom.ops.portal.front_tls import put_pem

    put_pem(Installation.at(folder).portal(slug), pem)
    say(f"{slug} speaks TLS from its next start.")


@portal.command("trust-gateway")
def trust_gateway(
    slug: Slug,
    certificate: Annotated[Path, typer.Argument(help="The gateway's certificate, from `homeroom gateway cert`.")],
    folder: FolderOption = Path(),
) -> None:
    """Lets a gateway on another host deliver to this portal. Restart the portal afterwards.

    Example: homeroom portal trust-gateway lincoln gateway.pem
    """
    from homeroom.ops.portal.front_tls import put_gateway

    put_gateway(Installation.at(folder).portal(slug), certificate)
    say(f"{slug} takes files from this gateway from its next start.")
