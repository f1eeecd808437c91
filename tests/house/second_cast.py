"""People that the matrix adds to the cast. For every condition of every function, there is someone whom only this condition keeps out."""
#
# Ada Frost    administrator of the district, and guardian of Kai
# Ira Voss     third administrator of the district
# Fay Nolan    administrator of Lincoln Elementary only
# Cam Doyle    counselor of Lincoln Elementary
# Ruth Cole    registrar of Lincoln Middle
# Oz Finch     staff, with an office, duties, classes and substitutions that are over or have not begun, and with no valid access to the cast's students
# Ted Shaw     teaches Science 8 (Ned, Sia, Ivy, and Hal who left), and is restricted from Sia
# Ora Park     mother of Ned (who has the alias Rob Vale), Sia (closed to parents), Ivy (who is 18) and Hal (who left 70 days ago)
# Pia Ross     asks to see Kai, whose record has her address, and is a mother of Ivy, who agreed that she keeps access
# Kit Okafor   says that he is Kai, and asks for an account
# Uma Gray     tutor of Leo by Ana's consent
# Tia Bright   tutor of Ned, too, and sees his alias
# Zoe Bell     Nina's caseworker, who is confidential in the record
# Sue Hill     works for the operator's support, like Ray Stone

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.cast import token
from tests.house.second_cases import Cases
from tests.writer import CANARY, Writer, identity

TOTAL = {"people": 2, "by_kind": {"students": 2}, "by_data": {"students: names": 2}, "views": 0, "refused": 0, "at_most": True, "searches": 0}
COUNTED = {"question": {"everyone": True, "cause": "login"}, "counts": TOTAL, "total": TOTAL}
ADULTS = {
    "ada": "Ada Frost", "ira": "Ira Voss", "fay": "Fay Nolan", "cam": "Cam Doyle", "ruth": "Ruth Cole", "oz": "Oz Finch", "ted": "Ted Shaw",
    "ora": "Ora Park", "pia": "Pia Ross", "uma": "Uma Gray", "zoe": "Zoe Bell",
}  # fmt: skip
STUDENTS = {"ned": "Ned Park", "sia": "Sia Park", "ivy": "Ivy Park", "hal": "Hal Park"}
STAFF = ("ada", "ira", "fay", "cam", "ruth", "oz", "ted")
# Sessions: person → role. A word that is no role says what is odd about the session.
SESSIONS = {
    "ada": ["staff", "family"], "ira": ["staff"], "fay": ["staff"], "cam": ["staff"], "ruth": ["staff"], "oz": ["staff", "family"], "ted": ["staff"],
    "ora": ["family"], "pia": ["family"], "uma": ["family", "weak"], "zoe": ["family"], "ned": ["student"], "ivy": ["student"], "hal": ["student"],
    "kit": ["student"], "carl": ["stale", "weak"], "nina": ["card"], "ana": ["ended", "expired", "idle"],
}  # fmt: skip
EVERYTHING = ["grades", "attendance", "contacts", "birth date", "ledger"]


def write_second_cast(owner: psycopg.Connection[Any], ids: dict[str, int], now: datetime) -> dict[str, int]:
    """Writes everyone above in a database that has the cast. Returns {name: id} of both."""
    w = Writer(owner)
    w.ids = dict(ids)
    people = People(w, now)
    for part in (people.names, people.offices, people.classes, people.records, people.accounts, people.ties):
        part()
    Cases(w, now).all()
    owner.execute("UPDATE session SET last_seen_at = now() + interval '2 hours' WHERE last_seen_at > now() - interval '1 day'")
    return w.ids


class People:
    """Writes them as owner, as of `now`."""

    def __init__(self, w: Writer, now: datetime) -> None:
        self.w, self.now, self.today = w, now, now.date()

    def day(self, days: int) -> Any:
        return self.today + timedelta(days)

    def names(self) -> None:
        for name, full in {**ADULTS, **STUDENTS}.items():
            given, family = full.split()
            self.w.sourced("person", name, given_name=given, family_name=family, grade_levels=["08"] if name in STUDENTS else [],
                           is_student=name in STUDENTS, is_staff=name in STAFF)  # fmt: skip
        self.w.row("person", "kit", uuid=identity("kit"), given_name="Kit", family_name="Okafor", grade_levels=[])
        self.w.owner.execute("UPDATE district SET tutors = 'on'")

    def offices(self) -> None:
        w, middle, elementary = self.w, self.w.ids["middle"], self.w.ids["elementary"]
        w.owner.execute("INSERT INTO brake (person_id, half_at, reached_at) VALUES (%s, now(), now())", [w.ids["oz"]])
        w.owner.execute("INSERT INTO cap_raise (person_id, by_id, until, students, why) VALUES (%s, %s, now() + interval '1 day', 40, 'August')",
                        [w.ids["oz"], w.ids["carl"]])  # fmt: skip
        for who, school, first, end in (
            ("ada", None, -60, None), ("ira", None, -60, None), ("fay", elementary, -60, None), ("oz", None, -60, -1), ("oz", None, 20, None),
        ):  # fmt: skip
            w.row("administrator", person_id=w.ids[who], school_id=school, start_date=self.day(first), end_date=self.day(end) if end else None)
        for who, school, duty, first, end in (
            ("ruth", middle, "registrar", -60, None), ("oz", middle, "data release", -60, None), ("cam", elementary, "counselor", -60, None),
            *(("oz", middle, duty, *days) for duty in ("principal", "registrar", "attendance clerk") for days in ((-60, -1), (20, None))),
        ):  # fmt: skip
            w.row("duty", f"{duty}/{who}/{first}", uuid=identity(f"{duty}/{who}/{first}"), person_id=w.ids[who], school_id=school, duty=duty,
                  start_date=self.day(first), end_date=self.day(end) if end else None)  # fmt: skip
        w.row("incident_fact", "incident/counted", uuid=identity("incident/counted"), incident_id=w.ids["incident"],
              at=self.now.astimezone(UTC) - timedelta(59), by_id=w.ids["carl"], kind="counted", words="A stolen login", facts=Jsonb(COUNTED))  # fmt: skip
        w.row("board_second", person_id=w.ids["oz"], start_date=self.day(-60), end_date=self.day(-1))
        w.row("board_second", person_id=w.ids["oz"], start_date=self.day(20))
        for first, last in ((-9, -3), (9, 12)):
            w.row("substitution", f"substitution/oz/{first}", uuid=identity(f"substitution/oz/{first}"), person_id=w.ids["oz"], section_id=w.ids["reading"],
                  given_by_id=w.ids["carl"], first_day=self.day(first), last_day=self.day(last))  # fmt: skip

    def classes(self) -> None:
        w = self.w
        w.sourced("section", "science", title="Science 8", kind="scheduled", course_id=w.ids["course"], school_id=w.ids["middle"], periods=["4"])
        w.row("section_term", section_id=w.ids["science"], term_id=w.ids["fall"])
        left = {"ended_at": self.now - timedelta(70)}
        for person, role, more in (
            ("ted", "teacher", {"is_primary": True}), ("ned", "student", {}), ("sia", "student", {}), ("ivy", "student", {}), ("hal", "student", left),
        ):  # fmt: skip
            w.row("enrollment", key=identity(f"science/{person}"), section_id=w.ids["science"], person_id=w.ids[person], role=role, **more)
        for name, section, more in (
            ("over", "algebra", {"end_date": self.day(-20)}), ("early", "english", {"begin_date": self.day(20)}), ("out", "reading", left), ("aide", "art", {}),
        ):  # fmt: skip
            w.row("enrollment", key=identity(f"{name}/oz"), section_id=w.ids[section], person_id=w.ids["oz"],
                role="aide" if name == "aide" else "teacher", **more)
        for student in STUDENTS:
            w.sourced("role", f"role/{student}", person_id=w.ids[student], school_id=w.ids["middle"], role="student", **(left if student == "hal" else {}))
            if student in ("ned", "ivy"):
                w.row("demographic", person_id=w.ids[student], birth_date=self.day(-13 * 365 if student == "ned" else -18 * 365 - 105))

    def records(self) -> None:
        w = self.w
        for work, category, is_grade in (("science quiz", "homework", False), ("science grade", "grades", True)):
            w.row("line_item", work, key=identity(work), section_id=w.ids["science"], category_id=w.ids[category], term_id=w.ids["fall"],
                  title=work.capitalize(), assign_date=self.day(-9), due_date=self.day(-5), score_max=10, is_grade=is_grade)  # fmt: skip
            for student in STUDENTS:
                result = w.row("result", id=identity(f"{work}/{student}"), line_item_id=w.ids[work], student_id=w.ids[student], status=1, score=8,
                               text_score="A" if is_grade else None, comment=CANARY, score_date=self.day(-4), delivery_id=w.ids["file"])  # fmt: skip
                w.row("result_change", result_id=result, student_id=w.ids[student], delivery_id=w.ids["file"], old_score=7, old_status=1)
        for student in STUDENTS:
            w.row("attendance_mark", id=identity(f"mark/{student}"), student_id=w.ids[student], day=self.day(-2), status="absent", school_id=w.ids["middle"],
                  excuse_code="", delivery_id=w.ids["file"])  # fmt: skip
            w.row("contact_detail", person_id=w.ids[student], email=f"{student}@{CANARY}.example")

    def accounts(self) -> None:
        for who, sides in SESSIONS.items():
            for side in sides:
                self.session(who, side)
        self.w.row("card", digest=hashlib.sha256(b"nina's").digest(), person_id=self.w.ids["nina"], section_id=self.w.ids["algebra"],
            made_by_id=self.w.ids["bo"])
        self.w.row("mail_address", account_id=self.w.ids["account/pia/family"], address="pia@example.org", proven_at=self.now - timedelta(3))

    def session(self, who: str, side: str) -> None:
        w, real = self.w, {"stale": "staff", "card": "student", "ended": "family", "expired": "family", "idle": "family"}.get(side, side)
        real = real if side != "weak" else "staff" if who == "carl" else "family"
        known = w.owner.execute("SELECT id FROM account WHERE person_id = %s AND side = %s", [w.ids[who], real]).fetchone()
        account = known[0] if known else w.row("account", f"account/{who}/{real}", uuid=identity(f"account/{who}/{real}"), person_id=w.ids[who],
            side=real, sign_in_name=f"{who}.{real}")
        if not known:
            w.row("credential", account_id=account, password="-")
        key = hashlib.sha256(hashlib.sha256(token(who, side).encode()).digest()).digest()
        odd = {
            "stale": {"proven_at": self.now - timedelta(1)}, "card": {"method": "card"}, "ended": {"ended_at": self.now},
            "expired": {"expires_at": self.now - timedelta(hours=1)}, "idle": {"last_seen_at": self.now - timedelta(2)},
        }  # fmt: skip
        said = {"idle_limit": timedelta(hours=12), "expires_at": self.now + timedelta(1), "previous_visit_at": self.now - timedelta(3),
                "proven_at": self.now + timedelta(1), "is_strong": real == "staff" or who == "uma"}  # fmt: skip
        said |= {"is_strong": False} if side == "weak" else odd.get(side, {})
        w.row("session", key=key, account_id=account, person_id=w.ids[who], side=real, **said)

    def ties(self) -> None:
        w = self.w
        w.row("closed_to_parents", uuid=identity("closed/sia"), student_id=w.ids["sia"], basis="safety", words="Call the office.", set_by_id=w.ids["carl"])
        w.row("majority", student_id=w.ids["ivy"], of_birth_date=self.day(-18 * 365 - 105), effective_on=self.day(-100), announced_at=self.now - timedelta(160),
              applied_at=self.now - timedelta(100))  # fmt: skip
        for adult, student, kind, state, first, end in (
            ("ada", "kai", "guardian", "approved", -60, None), ("oz", "nina", "parent", "requested", -60, None), ("oz", "leo", "parent", "approved", -60, -2),
            ("oz", "kai", "parent", "approved", 20, None), ("oz", "max", "parent", "ended", -60, None), ("ora", "ned", "parent", "approved", -60, None),
            ("ora", "sia", "parent", "approved", -60, None), ("ora", "hal", "parent", "approved", -60, None), ("zoe", "nina", "caseworker",
                "approved", -60, 100),
            ("tia", "ned", "tutor", "approved", -60, 60), ("uma", "leo", "tutor", "approved", -10, 20),
        ):  # fmt: skip
            self.tie(adult, student, kind, state, self.day(first), self.day(end) if end else None)
        self.tie("pia", "ivy", "parent", "requested", self.day(-60), None)
        w.row("age_agreement", tie_id=w.ids["tie/pia/ivy"])
        w.owner.execute("UPDATE tie SET state = 'approved' WHERE id = %s", [w.ids["tie/pia/ivy"]])
        self.tie("ora", "ivy", "parent", "approved", self.day(-60), None)  # a trigger closes it right away, because of her age
        # Hal is 18, and the job has not run yet. His birth date comes after the tie, which it would close right away.
        w.row("demographic", person_id=w.ids["hal"], birth_date=self.day(-18 * 365 - 105))
        w.row("restriction", uuid=identity("restriction/ted"), person_id=w.ids["ted"], student_id=w.ids["sia"], basis="protective order",
              start_date=self.day(-10), end_date=self.day(40))  # fmt: skip
        for adult, student in (("ora", "ned"), ("ora", "sia"), ("ora", "ivy"), ("zoe", "nina")):
            w.sourced("contact", f"contact/{adult}/{student}", student_id=w.ids[student], person_id=w.ids[adult], phone=f"{CANARY} 555 010 0188",
                      relationship="Mother", is_confidential=adult == "zoe")  # fmt: skip

    def tie(self, adult: str, student: str, kind: str, state: str, first: Any, end: Any) -> None:
        of_parent = kind in ("parent", "guardian")
        self.w.row("tie", f"tie/{adult}/{student}", uuid=identity(f"tie/{adult}/{student}"), adult_id=self.w.ids[adult],
            student_id=self.w.ids[student], kind=kind,
                   start_date=first, end_date=end, view_kinds={"tutor": ["grades"] if adult == "tia" else ["attendance"]}.get(kind, EVERYTHING),
                   may_consent=of_parent, may_correct=of_parent, may_challenge=of_parent, is_confidential=adult == "zoe", proof="in person", state=state,
                   approved_at=self.now - timedelta(5))  # fmt: skip
