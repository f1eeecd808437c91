"""`homeroom check`, `seal`, `send`, `pin`, `repin` and `renew`: commands for the district's own computer. Nothing here uses Django or a database."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.formats.tolerances import Tolerance
from homeroom.ops.answers import AsJson, NotDone, err, say, say_json
from homeroom.ops.district.outcome import told_of

ConfigOption = Annotated[
    Path,
    typer.Option("--config", envvar="HOMEROOM_CONFIG", help="Where this computer keeps what it pinned and its keys."),
]
DEFAULT_CONFIG = Path("~/.config/homeroom")


def add_to(app: typer.Typer) -> None:
    app.command()(check)
    app.command()(seal)
    app.command()(send)
    app.command()(pin)
    app.command()(repin)
    app.command()(renew)


def pin(
    portal: Annotated[str, typer.Argument(help="The portal's short name.")],
    certificate: Annotated[Path, typer.Option(help="The portal's certificate, from its administrator.")],
    receipts: Annotated[Path, typer.Option(help="The certificate that signs the portal's receipts.")],
    fingerprint: Annotated[str, typer.Option(help="The certificate's fingerprint, typed from the printed sheet.")],
    sender: Annotated[str, typer.Option(help="Your name at the gateway.")],
    gateway: Annotated[str, typer.Option(help="The gateway, as host or host:port.")],
    host_key: Annotated[str, typer.Option(help="The gateway's host key line, from its operator.")],
    hybrid: Annotated[Path | None, typer.Option(help="The portal's hybrid certificate, if it has one.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Writes down, once, for which portal this computer seals and through which gateway it sends; makes its two keys.

    Example: homeroom pin lincoln --certificate lincoln.asc --receipts receipts.asc --fingerprint "5A0C 9F…"
    --sender lincoln-sis --gateway import.example.org:2222 --host-key "ssh-ed25519 AAAA…"
    """
    from homeroom.ops.district.sending import pin_portal

    pinned = pin_portal(config.expanduser(), portal, certificate, receipts, fingerprint, sender, gateway, host_key, hybrid)
    say(f"{portal} is pinned. Exports are sealed with {'ML-KEM-768 and X25519' if pinned.hybrid() else 'X25519 alone'}.")
    say(f"Give these two to the operator, for `homeroom sender add {sender}`:")
    say(f"  {pinned.ssh_public}")
    say(f"  {pinned.sign_public}")


def repin(
    hand_over: Annotated[Path, typer.Argument(help="The file that the portal's administrator gave you.")],
    hybrid: Annotated[Path | None, typer.Option(help="The portal's new hybrid certificate.")] = None,
    portal: Annotated[str, typer.Option(help="Which portal; may be left out where only one is pinned.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Pins a portal's new certificate; it is believed only if the key of the pinned one signed it.

    Example: homeroom repin hand-over.asc --hybrid hybrid.asc
    """
    from homeroom.ops.district.pinned import pin_anew

    pinned = pin_anew(config.expanduser(), portal, hand_over.read_text(), hybrid.read_bytes() if hybrid else None)
    say(f"{pinned.portal} is pinned with its new certificate, {pinned.fingerprint}.")


def renew(
    portal: Annotated[str, typer.Option(help="For which portal; may be left out where only one is pinned.")] = "",
    use: Annotated[bool, typer.Option("--use", help="The portal knows the new key: sign with it from now on.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Makes a new signing key before the old one ends. The old key signs until you say --use.

    Example: homeroom renew; homeroom renew --use
    """
    from homeroom.ops.district.pinned import make_next_key, use_next_key

    if use:
        say(f"Exports for {use_next_key(config.expanduser(), portal).portal} are signed with the new key from now on.")
        return
    pinned = make_next_key(config.expanduser(), portal)
    say(f"Give this to the operator, for `homeroom sender renew {pinned.sender} --portal {pinned.portal}`. Then run `homeroom renew --use`:")
    say(f"  {pinned.next_public}")


def seal(
    file: Annotated[Path, typer.Argument(help="The export, a OneRoster ZIP.")],
    portal: Annotated[str, typer.Option(help="For which portal; may be left out where only one is pinned.")] = "",
    out: Annotated[Path | None, typer.Option(help="The sealed file; FILE.gpg if left out.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Signs and encrypts an export so that only the pinned portal can open it.

    Example: homeroom seal export.zip
    """
    from homeroom.ops.district.sending import seal_file

    sealed = seal_file(config.expanduser(), portal, file, out or file.with_name(file.name + ".gpg"))
    say(f"{sealed} is sealed.")


def send(
    file: Annotated[Path, typer.Argument(help="The export (it is sealed first), or a file that `homeroom seal` made.")],
    portal: Annotated[str, typer.Option(help="For which portal; may be left out where only one is pinned.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the portal's signed receipt.")] = False,
    timeout: Annotated[float, typer.Option(help="With --wait: how many seconds.", min=1)] = 900,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Seals an export and sends it to the gateway. With --wait it shows the result from the portal.

    Exit code 0: sent (with --wait: imported). 3: refused. 4: no receipt within the time. 5: on hold. An administrator of the
    portal must decide. 6: rejected. 7: undone.

    Example: homeroom send export.zip --wait
    """
    from homeroom.ops.district.sending import send_file

    outcome = send_file(config.expanduser(), portal, file, timeout if wait else None)
    if as_json:
        say_json(outcome.as_json())
    else:
        (say if outcome.code == 0 else lambda text: err.print(text, markup=False))(outcome.told())
    raise typer.Exit(code=outcome.code)


def check(
    file: Annotated[Path | None, typer.Argument(help="The export, a OneRoster ZIP that is not sealed.")] = None,
    after: Annotated[Path | None, typer.Option(help="The export that the portal imported last. The command then also shows what would go on hold.")] = None,
    accept: Annotated[list[Tolerance] | None, typer.Option(help="What your district lets pass under \"How files are read\". Repeat it for several.")] = None,
    limit: Annotated[list[str] | None, typer.Option(help="A limit that your district changed, as growth=0.3. Repeat it for several.")] = None,
    example: Annotated[Path | None, typer.Option(help="Write an example of every file instead: a new folder, or a new file that ends in .zip.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows what a portal would do with an export, with the same receipt. It sends nothing and needs no portal.

    Without --after, the portal has imported nothing yet. The command can't know earlier files, people who were merged, erased or given
    another sourcedId, answers about people, or your district's settings. Use --accept and --limit for what the portal accepts and its
    limits. Your portal's operator prints those with `homeroom portal limits`.

    Exit code 0: imported. 3: refused. 5: on hold.

    Example: homeroom check export.zip --after yesterday.zip
    """
    from homeroom.ops.district.checking import checked, told, write_example

    if example is not None and file is None:
        names = write_example(example)
        say_json({"example": str(example), "files": names}) if as_json else say(f"{example} has an example of {len(names)} files.")
        return
    if file is None or example is not None:
        raise NotDone("Name the export to check, or --example with a new folder or ZIP.")
    receipt = checked(file, after, accept or (), limit or ())
    outcome = told_of(receipt)
    say_json(receipt) if as_json else say(told(outcome, file, after, limit or ()))
    raise typer.Exit(code=outcome.code)
