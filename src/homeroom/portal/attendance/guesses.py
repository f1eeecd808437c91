"""The most likely meaning of a district's code, for an administrator to confirm. Pure. Families never see a guess.

Each student system lets a district name its codes. TABLES has the names that come with a system or that most of its districts keep. "ask" is a code
that districts of one system use in different ways. A code that two systems use in different ways has no guess either.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.portal.attendance.calendar import Codes, Meaning
from homeroom.portal.attendance.codes import Code
from homeroom.portal.attendance.models import Excuse, Presence


@dataclass(frozen=True, slots=True)
class GuessTable:
    """Codes of one system by column of attendance.csv, each with its presence and excuse in words."""

    status: Mapping[str, str]
    excuse: Mapping[str, str]


def said(lines: str) -> dict[str, str]:
    """Returns "absent excused: ae ea" as both codes with these words."""
    pairs = (line.split(":") for line in lines.strip().splitlines())
    return {code: words.strip() for words, codes in pairs for code in codes.split()}


TABLES = {
    "PowerSchool": GuessTable(
        said("""present: p
                absent: a
                absent excused: e ae ea abx
                absent unexcused: u au ua
                tardy: t tdy
                tardy excused: te et
                tardy unexcused: tu ut
                left early: ed
                ask: i iss oss s ft fld sa"""),
        said("""excused: e ae ea ex exc ill sick med dr den apt appt bvt
                unexcused: u au ua unx unex tru
                unverified: unv uv
                ask: i iss oss s ft fld sa"""),
    ),
    "Infinite Campus": GuessTable(
        said("""present: p
                absent: a
                tardy: t
                left early: e er
                absent excused: ae
                absent unexcused: au
                tardy excused: te
                tardy unexcused: tu"""),
        said("""excused: e exc ill med apt doc ber
                unexcused: u unx tru
                unverified: unk
                ask: x exm iss oss ft act"""),
    ),
    "Aeries": GuessTable(
        said("""present: p
                absent: a
                absent unverified: u v unv
                absent excused: e x i ill
                tardy: t l
                absent unexcused: n
                ask: m s sus q h y o"""),
        said("""excused: e x i m ill
                unexcused: n
                unverified: u v unv
                ask: s sus q h y o"""),
    ),
    "Skyward": GuessTable(
        said("""present: p
                absent: a
                absent excused: e
                absent unexcused: u
                tardy: t
                tardy excused: l
                ask: d n o s v x"""),
        said("""excused: e ill med dr apt fun rel
                unexcused: u unx tru
                ask: d n o s v vac x iss oss act"""),
    ),
    "Synergy": GuessTable(
        said("""present: p
                absent: a abs
                absent excused: e exc exa
                absent unexcused: unx uxa
                absent unverified: u unv
                tardy: t tdy
                tardy excused: ext exl
                tardy unexcused: uxt
                ask: cin cou act iss oss sus"""),
        said("""excused: e exc ill med dr apt ber rel
                unexcused: unx tru
                unverified: u unv
                ask: cin cou act iss oss sus vac"""),
    ),
}
WORDS = said("""present: present
    absent: absent absence absences
    tardy: tardy tardies late
    left early: early
    excused: excused
    unexcused: unexcused truant truancy
    unverified: unverified unexplained unknown
    ask: no not non without suspended suspension""")
REASONS = {"ill", "illness", "sick", "medical", "doctor", "dentist", "dental", "appointment", "bereavement", "funeral", "religious"}
PRESENCES = {"present": Presence.PRESENT, "absent": Presence.ABSENT, "tardy": Presence.TARDY, "left early": Presence.LEFT_EARLY}
EXCUSES = {"excused": Excuse.EXCUSED, "unexcused": Excuse.UNEXCUSED, "unverified": Excuse.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Hint:
    """None means that the code says nothing about it."""

    presence: Presence | None
    excuse: Excuse | None


def guess(code: Code, codes: Codes) -> Meaning | None:
    """Returns None if only the district knows. `codes` has the district's settings. A setting for a status holds for each of its excuse codes."""
    status, excuse_code = code
    alone, own = codes.get((status, "")), hint(status, "status")
    reason = hint(excuse_code, "excuse") if excuse_code else Hint(None, None)
    presence = alone.presence if alone else own.presence if own else None
    if reason is None or presence in (None, Presence.RECORDED) or reason.presence not in (None, presence):
        return None
    if excuse_code and reason.excuse is None:
        return None
    told = {each for each in (own.excuse if own else None, reason.excuse) if each is not None}
    return Meaning(presence, next(iter(told), Excuse.UNKNOWN)) if len(told) < 2 else None


def hint(word: str, column: str) -> Hint | None:
    """Returns the hint of a column's word, from the tables or from words written out. One character counts only in its own column, a longer code in both."""
    tokens = re.findall(r"[^\W_]+", word)
    key = "".join(tokens)
    own = in_tables(key, column)
    found = own or (in_tables(key, "status") | in_tables(key, "excuse") if len(key) > 1 else set())
    if found:
        return read(found.pop()) if len(found) == 1 and "ask" not in found else None
    return of_words(set(tokens))


def in_tables(key: str, column: str) -> set[str]:
    return {words for table in TABLES.values() if (words := (table.status if column == "status" else table.excuse).get(key))}


def read(words: str) -> Hint:
    """Reads "absent excused", as the tables write it."""
    presence = next((presence for word, presence in PRESENCES.items() if words.startswith(word)), None)
    return Hint(presence, EXCUSES.get(words.split()[-1]))


def of_words(tokens: set[str]) -> Hint | None:
    """Reads words written out: Tardy - Unexcused, Doctor Appointment. Returns None if a word is "ask", or if two words have different meanings."""
    told = {WORDS[token] for token in tokens if token in WORDS}
    presences, excuses = told & set(PRESENCES), told & set(EXCUSES)
    if not excuses and tokens & REASONS:
        excuses = {"excused"}
    if "ask" in told or len(presences) > 1 or len(excuses) > 1 or not presences | excuses:
        return None
    return read(" ".join([*presences, *excuses]))
