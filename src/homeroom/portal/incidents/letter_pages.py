"""The texts of the office's pages about letters. Pure functions: rows and facts in, words out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.incidents import words
from homeroom.portal.incidents.letter_words import LANGUAGES
from homeroom.portal.incidents.letters import Sender
from homeroom.portal.incidents.queries import Fact, LetterCount, ListedLetter
from homeroom.portal.membership.words import moment
from homeroom.portal.wording import dates

PRINTED_WAYS = ("paper", "hand", "district")


@dataclass(frozen=True, slots=True)
class BatchLine:
    """`is_mailed` is None for letters that go by hand, one by one."""

    batch: UUID
    title: str
    facts: tuple[str, ...]
    is_mailed: bool | None


@dataclass(frozen=True, slots=True)
class LetterLine:
    """`acts` has the forms that are possible now, each with its words."""

    letter: UUID
    name: str
    facts: tuple[str, ...]
    tag: tuple[str, str]
    acts: tuple[tuple[str, str], ...]


def sender() -> Sender:
    return Sender(settings.PLACE.name, settings.PLACE.phone, settings.PLACE.zone, settings.PLACE.is_drill)


def fields_of(notice: str, drafted: Fact | None, typed: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Returns each language's name with its fields: name, label and text."""
    kept = (drafted.facts or {}) if drafted else {}
    heads = words.parts(notice).items()
    return [
        (named, [(f"{part}_{language}", label, typed.get(f"{part}_{language}", kept.get(language, {}).get(part, ""))) for part, label in heads])
        for language, named in LANGUAGES.items()
    ]


def to_print(found: Sequence[LetterCount]) -> list[tuple[str, str, int]]:
    """Returns each way with letters that wait for the printer: its code, words, and how many."""
    waiting = {way: sum(each.waiting for each in found if each.way == way) for way in PRINTED_WAYS}
    return [(way, words.ways()[way], number) for way, number in waiting.items() if number]


def batches_of(facts: Sequence[Fact]) -> list[BatchLine]:
    """Newest first."""
    mailed = {str((fact.facts or {})["batch"]): fact for fact in facts if fact.kind == "mailed"}
    return [_batch(fact, mailed.get(str(fact.uuid))) for fact in reversed(facts) if fact.kind == "printed"]


def _batch(fact: Fact, mailed: Fact | None) -> BatchLine:
    number = int((fact.facts or {})["letters"])
    said = [words.ways()[fact.what], _("Printed by %(name)s, %(when)s") % {"name": fact.name or "", "when": moment(fact.at)}]
    if mailed and mailed.moment:
        said += [_("Handed over %(when)s") % {"when": moment(mailed.moment)}, mailed.words]
    title = ngettext("%(n)s letter", "%(n)s letters", number) % {"n": number}
    return BatchLine(fact.uuid, title, tuple(map(dates.one_stop, said)), None if fact.what == "hand" else mailed is not None)


def letter_lines(found: Sequence[ListedLetter]) -> list[LetterLine]:
    return [_letter_line(each) for each in found]


def _letter_line(each: ListedLetter) -> LetterLine:
    said = [words.titles().get(each.notice, each.notice), words.ways()[each.way]]
    if each.children:
        said.append(_("About: %(names)s") % {"names": get_text_list(each.children, _("and"))})
    if each.answer:
        said.append(_("The relay’s answer: %(code)s") % {"code": each.answer})
    if each.proven_at:
        said.append(_("Delivered %(when)s") % {"when": moment(each.proven_at)})
    if each.read_at:
        said.append(_("Opened on the portal %(when)s") % {"when": moment(each.read_at)})
    tone = "waiting" if each.state in ("waiting", "sending") else "imported"
    return LetterLine(each.uuid, each.name, tuple(map(dates.one_stop, said)), (tone, words.states()[each.state]), acts_on(each))


def acts_on(each: ListedLetter) -> tuple[tuple[str, str], ...]:
    if each.way == "undecided":
        return (("decide/letter", _("Propose a decision")),)
    if each.way == "hand" and each.state in ("waiting", "printed"):
        return (("record/given", _("Record that it was given")),)
    if (each.way, each.state) in (("email", "sent"), ("paper", "done")):
        return (("record/came-back", _("Record that it came back")),)
    return ()
