"""The texts of what was recorded about an incident: counts and the diary. Pure functions: facts in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.incidents import words
from homeroom.portal.incidents.queries import Fact
from homeroom.portal.membership.words import moment
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class AffectedCount:
    """`rows` has what was seen, and of how many students, adults and staff."""

    people: int
    rows: tuple[tuple[str, int, int, int], ...]
    facts: tuple[str, ...]
    questions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DiaryLine:
    when: str
    name: str
    title: str
    facts: tuple[str, ...]
    said: str


def last_of(facts: Sequence[Fact], *kinds: str) -> Fact | None:
    return next((fact for fact in reversed(facts) if fact.kind in kinds), None)


def account_said(name: str, side: str) -> str:
    return _("%(name)s, %(side)s") % {"name": name, "side": words.sides().get(side, side)}


def counted_of(facts: Sequence[Fact]) -> AffectedCount | None:
    last = last_of(facts, "counted", "set aside")
    if last is None or last.facts is None:
        return None
    total = last.facts["total"]
    by_data = total["by_data"]
    rows = tuple(
        (said, *(int(by_data.get(f"{kind}: {data}", 0)) for kind in ("students", "adults", "staff"))) for data, said in words.data_names().items()
    )
    asked = tuple((question_said(fact), int(fact.facts["counts"]["people"])) for fact in counts_that_count(facts) if fact.facts)
    return AffectedCount(int(total["people"]), rows, tuple(map(dates.one_stop, _counted_facts(last, total, counts_that_count(facts)))), asked)  # type: ignore[arg-type]


def _counted_facts(last: Fact, total: dict[str, Any], counted: Sequence[Fact]) -> list[str]:
    facts = [_("Counted from the access log, %(when)s.") % {"when": moment(last.at)}]
    if total["views"]:
        facts.append(ngettext("%(n)s view is behind this number.", "%(n)s views are behind this number.", total["views"]) % {"n": total["views"]})
    if any("lists" in fact.facts["question"] for fact in counted if fact.facts):
        facts.append(_("Part of this time is before Homeroom recorded whom a list shows. Everyone’s name counts."))
    if total["at_most"]:
        facts.append(_("This is an upper bound. The log doesn’t say exactly who was in some lists."))
    if total["searches"]:
        said = ngettext("%(n)s search also showed adults who aren’t in the log.", "%(n)s searches also showed adults who aren’t in the log.",
                        total["searches"])  # fmt: skip
        facts.append(said % {"n": total["searches"]})
    if total["refused"]:
        said = ngettext("%(n)s refused try opened no record and isn’t counted.", "%(n)s refused tries opened no record and aren’t counted.", total["refused"])
        facts.append(said % {"n": total["refused"]})
    return [*facts, _("Homeroom has no postal addresses. Everyone counts as a resident of California.")]


def counts_that_count(facts: Sequence[Fact]) -> list[Fact]:
    """Returns the counts that no one set aside."""
    aside = {fact.facts["count"] for fact in facts if fact.kind == "set aside" and fact.facts}
    return [fact for fact in facts if fact.kind == "counted" and str(fact.uuid) not in aside]


def question_said(fact: Fact) -> str:
    """Returns what a count asked, in words."""
    asked = (fact.facts or {})["question"]
    if "everyone" in asked:
        return _("Everyone in the portal: %(cause)s") % {"cause": words.causes().get(asked.get("cause", ""), fact.words)}
    if "import" in asked:
        return _("Changed by import %(number)s") % {"number": asked["import"]}
    values = {"first": moment(datetime.fromisoformat(asked["from"])), "last": moment(datetime.fromisoformat(asked["until"]))}
    values |= {"name": fact.account_name or "", "side": words.sides().get(fact.account_side or "", "")}
    if "session" in asked:
        return _("Viewed in one session of %(name)s (%(side)s), from %(first)s to %(last)s") % values
    if "address" in asked:
        return _("Viewed from address %(address)s, from %(first)s to %(last)s") % (values | {"address": asked["address"][:8]})
    if "device" in asked:
        return _("Viewed by %(name)s (%(side)s) on %(device)s, from %(first)s to %(last)s") % (values | {"device": asked["device"]})
    if fact.account_name:
        return _("Viewed by %(name)s (%(side)s), from %(first)s to %(last)s") % values
    return _("Viewed by any account, from %(first)s to %(last)s") % values


def diary_line(fact: Fact) -> DiaryLine:
    facts = [fact.words] if fact.words else []
    if fact.kind == "counted" and fact.facts:
        facts.insert(0, question_said(fact))
    if fact.kind == "printed" and fact.facts:
        facts.insert(0, ngettext("%(n)s letter", "%(n)s letters", fact.facts["letters"]) % {"n": fact.facts["letters"]})
    if fact.kind in ("declared", "started earlier", "started later", "done", "mailed", "given") and fact.moment:
        facts.insert(0, moment(fact.moment))
    return DiaryLine(moment(fact.at), fact.name or _("Homeroom"), _title(fact), tuple(map(dates.one_stop, facts)), f"{fact.kind} {fact.what}".strip())


def _title(fact: Fact) -> str:
    who = {"name": account_said(fact.account_name or "", fact.account_side or "")} if fact.kind in ("suspect", "cleared") else {}
    titles = {
        "declared": _("Declared the incident. It was discovered:"), "note": _("Added a note."),
        "stage": _("Went on to: %(stage)s") % {"stage": words.stages().get(fact.what, fact.what)},
        "triggers": _("Said which rules apply."), "started earlier": _("Moved the start earlier, to:"), "started later": _("Moved the start later, to:"),
        "hold": _("Recorded a hold by law enforcement."), "hold ended": _("Recorded the end of the hold."),
        "set aside": _("Set a count aside. It no longer counts."),
        "drafted": _("Wrote the letter."), "released": _("Released the letters, after another administrator proposed it."),
        "drafted second notice": _("Wrote the second notice."),
        "released second notice": _("Released the second notice, after another administrator proposed it."),
        "reviewed": _("Recorded the review."), "printed": _("Printed letters."), "mailed": _("Recorded that a batch of letters was given to the post office."),
        "mailed district": _("Recorded that the district notified people itself."), "given": _("Recorded that a letter was given by hand."),
        "came back": _("Recorded that a letter came back."), "decided": _("Decided about a letter, after another administrator proposed it."),
        "notifier district": _("Chose that the district notifies people itself."), "notifier homeroom": _("Chose that Homeroom notifies people."),
    }  # fmt: skip
    if fact.kind == "done":
        return _("Recorded as done: %(what)s") % {"what": words.clock_names().get(fact.what, fact.what)}
    if fact.kind == "contained":
        return _contained(fact)
    if fact.kind == "counted":
        people = int((fact.facts or {})["counts"]["people"])
        return ngettext("Counted who is affected: %(n)s person.", "Counted who is affected: %(n)s people.", people) % {"n": people}
    if who:
        return (_("Named a suspect: %(name)s") if fact.kind == "suspect" else _("Cleared a suspect: %(name)s")) % who
    return titles.get(f"{fact.kind} {fact.what}", titles.get(fact.kind, fact.kind))


def _contained(fact: Fact) -> str:
    name = {"name": account_said(fact.account_name or "", fact.account_side or ""), "key": (fact.facts or {}).get("signer", "")[-16:]}
    return {
        "sessions": _("Ended the sessions of: %(name)s"), "close": _("Closed the account of: %(name)s"),
        "open": _("Opened the account again of: %(name)s"), "tutor": _("Ended the access of the tutor: %(name)s"),
        "support": _("Ended a support grant."), "signer": _("Revoked the sender’s key %(key)s."),
    }[fact.what] % name  # fmt: skip
