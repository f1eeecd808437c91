"""An administrator's input on the page of codes, read from its fields: was-<name> as shown, to-<name> as chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.portal.attendance.actions import CodeChange
from homeroom.portal.attendance.calendar import UNMAPPED, Codes, Meaning
from homeroom.portal.attendance.codes import Code, name_of
from homeroom.portal.attendance.models import Excuse, Presence

MARKED = [Meaning(presence, excuse) for presence in Presence if presence is not Presence.RECORDED for excuse in Excuse]
CHOICES = [*MARKED, UNMAPPED]  # also recorded: an administrator saw the code and leaves it so


def value_of(meaning: Meaning | None) -> str:
    """Returns "" for a code without a meaning of its own."""
    if meaning is None:
        return ""
    return f"{meaning.presence.value}-{meaning.excuse.value if meaning.presence else 0}"


MEANINGS = {value_of(choice): choice for choice in CHOICES}


@dataclass(frozen=True, slots=True)
class Wish:
    """`chosen` has the value of each code in the form. `taken` has the codes whose meaning changed since the page was shown."""

    changes: tuple[CodeChange, ...] = ()
    chosen: Mapping[Code, str] | None = None
    taken: tuple[Code, ...] = ()


def wish_in(form: Mapping[str, str], known: list[Code], codes: Codes) -> Wish:
    """Returns the input of the form. A value that is no choice changes nothing."""
    changes, chosen, taken = [], {}, []
    for code in known:
        was, to = form.get(f"was-{name_of(code)}"), form.get(f"to-{name_of(code)}")
        if was is None or to is None or (to and to not in MEANINGS):
            continue
        chosen[code] = to
        if to != was:
            changes.append(CodeChange(code, codes.get(code), MEANINGS.get(to)))
            taken += [code] if was != value_of(codes.get(code)) else []
    return Wish(tuple(changes), chosen, tuple(taken))
