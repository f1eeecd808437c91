"""Rows that no role of the test may see, and that differ between the databases of test_no_oracle.py.

Every database gets the same number of rows, written in the same order. The rows differ in their student: Kai Okafor (a classmate of Nina and Max), Ada North
or Abe South (of a school that is unrelated to all roles).
"""

import json
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.writer import Writer, identity

HIDDEN = ("kai", "ada", "abe")
ADULTS = {"eli": "Eli North", "ora": "Ora South", "gil": "Gil West", "ivy": "Ivy East", "hal": "Hal Stone", "una": "Una Marsh"}
KINDS = ["grades", "attendance", "contacts", "birth date", "ledger"]
ABSENCES, SCORES = 60, 300
# Columns that PostgreSQL fills in with a time or a random value.
BY_ITSELF = """SELECT d.adrelid::regclass::text, a.attname, a.atttypid = 'timestamptz'::regtype
    FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE a.atttypid IN ('timestamptz'::regtype, 'uuid'::regtype)"""


class Pinned(Writer):
    """Fills in times and UUIDs that PostgreSQL would choose, so that they are the same in every database."""

    def __init__(self, owner: psycopg.Connection[Any], ids: dict[str, int], now: datetime) -> None:
        super().__init__(owner)
        self.ids, self.now, self.written = dict(ids), now, 0
        self.by_itself = owner.execute(BY_ITSELF).fetchall()

    def row(self, table: str, name: str | None = None, /, **values: Any) -> Any:
        self.written += 1
        for column, is_time in ((column, is_time) for of, column, is_time in self.by_itself if of == table):
            values.setdefault(column, self.now if is_time else identity(f"row {self.written}"))
        return super().row(table, name, **values)


class Hidden:
    """Writes the rows as owner. `records` is the student of scores, absences, birth dates and phones. `access` is the student of the rest."""

    def __init__(self, owner: psycopg.Connection[Any], ids: dict[str, int], now: datetime) -> None:
        self.w, self.now, self.today = Pinned(owner, ids, now), now, now.date()

    def write(self, records: str, access: str) -> dict[str, int]:
        self.strangers()
        self.records(records)
        for part in (self.at_school, self.ties, self.requests, self.of_offices, self.of_age, self.accounts, self.imports, self.codes):
            part(access)
        self.keep_awake()
        return self.w.ids

    def named(self, table: str, what: str, who: str, /, **values: Any) -> Any:
        """Writes a row whose UUID depends on its student. An id that is taken in one database is free in another."""
        return self.w.row(table, f"{what} of {who}", uuid=identity(f"{what} of {who}"), **values)

    def strangers(self) -> None:
        """Writes what is the same everywhere: a school with classes, its students and staff, and adults of no school."""
        w, day = self.w, self.today - timedelta(12 * 365)
        w.sourced("school", "hilltop", name="Hilltop", kind="school")
        for name, full in {"ada": "Ada North", "abe": "Abe South", **ADULTS}.items():
            given, family = full.split()
            w.sourced("person", name, given_name=given, family_name=family, grade_levels=["07"] if name in HIDDEN else [],
                      is_student=name in HIDDEN, is_staff=name in ("hal", "una"))  # fmt: skip
        for who in HIDDEN:
            w.sourced("section", f"class {who}", title="Choir", kind="scheduled", course_id=w.ids["course"], school_id=w.ids["hilltop"])
            w.row("section_term", section_id=w.ids[f"class {who}"], term_id=w.ids["fall"])
            w.row("line_item", f"song {who}", key=identity(f"song {who}"), section_id=w.ids[f"class {who}"], category_id=w.ids["homework"],
                  term_id=w.ids["fall"], title="Song", assign_date=self.today, due_date=self.today, score_max=10, is_grade=False)  # fmt: skip
        for who in ("ada", "abe"):
            w.sourced("role", f"role/{who}", person_id=w.ids[who], school_id=w.ids["hilltop"], role="student")
            w.row("demographic", person_id=w.ids[who], birth_date=day)
            w.row("contact_detail", person_id=w.ids[who], email=f"{who}@hidden.example")
            w.row("attendance_mark", id=identity(f"mark/{who}"), student_id=w.ids[who], day=self.today - timedelta(2), status="absent",
                  school_id=w.ids["hilltop"], excuse_code="", delivery_id=w.ids["file"])  # fmt: skip
        self.entries()

    def entries(self) -> None:
        for who in HIDDEN:
            entry = self.w.row("ledger", f"entry of {who}", at=self.now, event="look", act="child", person_id=self.w.ids["una"],
                               capacity="duty: counselor", xid=1, salt=identity(f"salt of {who}"))  # fmt: skip
            self.w.row("ledger_student", entry_id=entry, student_id=self.w.ids[who], at=self.now, kinds=["grades"])

    def records(self, who: str) -> None:
        w, one = self.w, self.w.ids[who]
        for number in range(SCORES):
            w.row("result", id=identity(f"score {number} of {who}"), line_item_id=w.ids[f"song {who}"], student_id=one, status=1, score=number % 7,
                  comment=f"Sings {'louder' if who == 'kai' else 'softer'}", score_date=self.today, delivery_id=w.ids["file"])  # fmt: skip
        first = identity(f"score 0 of {who}")
        w.row("result_change", result_id=first, student_id=one, delivery_id=w.ids["file"], old_score=1, old_status=1)
        scale = {"result_id": first, "score_scale_id": w.ids["scale"], "sourced_id": "hidden scale"}
        w.row("result_score_scale", uuid=identity("hidden scale"), **scale)
        for number in range(ABSENCES):
            w.row("attendance_mark", id=identity(f"absence {number} of {who}"), student_id=one, day=self.today - timedelta(number + 3), status="absent",
                  school_id=w.ids["hilltop"], excuse_code="", delivery_id=w.ids["file"])  # fmt: skip
        for each in HIDDEN:  # all three are written again, so that rows have the same places
            of, day = w.ids[each], self.today - timedelta((13 if each == who else 12) * 365)
            w.owner.execute("UPDATE demographic SET birth_date = %s WHERE person_id = %s", [day, of])
            w.owner.execute("UPDATE contact_detail SET phone = %s WHERE person_id = %s", [f"555 010 011{int(each == who)}", of])

    def ties(self, who: str) -> None:
        w, one = self.w, self.w.ids[who]
        said = {"kind": "parent", "start_date": self.today - timedelta(60), "view_kinds": KINDS, "may_consent": True, "may_correct": True,
                "may_challenge": True, "proof": "in person", "approved_at": self.now}  # fmt: skip
        for adult, state, is_confidential in (("eli", "approved", False), ("ora", "suspended", False), ("ivy", "approved", True)):
            self.named("tie", f"tie of {adult}", who, adult_id=w.ids[adult], student_id=one, state=state, is_confidential=is_confidential, **said)
        case = self.named("challenge", "challenge", who, tie_id=w.ids[f"tie of ora of {who}"], challenger_id=w.ids["eli"],
                          challenger_tie_id=w.ids[f"tie of eli of {who}"], reason="stranger", words=f"About {who}", asked_at=self.now,
                          tie_was="approved", suspended_until=self.now + timedelta(5), remind_at=self.now + timedelta(1))  # fmt: skip
        w.row("challenge_message", challenge_id=case, author_id=w.ids["carl"], is_of_office=True, words=f"Who is {who}?")
        self.named("restriction", "restriction", who, person_id=w.ids["gil"], student_id=one, basis="court order", start_date=self.today - timedelta(10))
        self.named("masking", "masking", who, student_id=one, given_name="Robin", family_name=f"Vale {who}", basis="threat",
                   start_date=self.today - timedelta(5), masked_by_id=w.ids["carl"])  # fmt: skip
        self.named("closed_to_parents", "closing", who, student_id=one, basis="safety", words="Call us.", set_by_id=w.ids["carl"])
        w.sourced("contact", f"contact of {who}", student_id=one, person_id=w.ids["eli"], phone="555 010 0113", name=f"Eli of {who}")

    def requests(self, who: str) -> None:
        w, one = self.w, self.w.ids[who]
        born = self.today - timedelta(12 * 365)
        asked = {"child_given_name": who.title(), "child_family_name": "North", "child_birth_date": born, "asked_at": self.now, "matched_at": self.now}
        self.named("registration", "registration", who, person_id=w.ids["ora"], school_id=w.ids["hilltop"], office_id=w.ids["hilltop"],
                   relation="mother", student_id=one, **asked)  # fmt: skip
        self.named("tutor_application", "application", who, person_id=w.ids["ivy"], organization="Choir", purpose=f"Songs of {who}", state="approved")
        request = self.named("tutor_request", "tutor request", who, person_id=w.ids["ivy"], school_id=w.ids["hilltop"], student_id=one,
                             kinds=["grades"], purpose="Songs", last_day=self.today + timedelta(20), **asked)  # fmt: skip
        w.row("tutor_consent", tie_id=w.ids[f"tie of ivy of {who}"], request_id=request, consenter_id=w.ids["eli"], organization="Choir",
              kinds=["grades"], purpose="Songs", last_day=self.today + timedelta(20), signature=f"Eli of {who}")  # fmt: skip
        self.named("inspection", "inspection", who, student_id=one, person_id=w.ids["eli"], asked_at=self.now)
        self.named("correction", "correction", who, student_id=one, person_id=w.ids["eli"], about="last name", value_was="North", value_wanted="Norton",
            ground="inaccurate", why=f"Papers of {who}", asked_at=self.now)  # fmt: skip
        self.named("directory_opt_out", "opt-out", who, student_id=one, person_id=w.ids["eli"], category="name", asked_at=self.now)
        self.named("signed_consent", "consent", who, student_id=one, consenter_id=w.ids["eli"], records=["grades"], purpose=f"Songs of {who}",
            recipient="Choir", last_day=self.today + timedelta(20), signature=f"Eli of {who}", signed_at=self.now)  # fmt: skip
        incident = self.named("incident", "incident", who, year=2024, number=one)
        fact = w.row("incident_fact", uuid=identity(f"fact of {who}"), incident_id=incident, at=self.now, kind="declared", words=f"Papers of {who}",
                     moment=self.now, facts=Jsonb({"title": f"Papers of {who}"}))  # fmt: skip
        self.named("breach_letter", "letter", who, release_id=fact, incident_id=incident, notice="first notice",
                   person_id=w.ids["eli"], children=[one], is_own=False, channel="portal", way="portal", state="there")
        w.row("letter_try", person_id=w.ids["eli" if who == "kai" else "ora"])

    def at_school(self, who: str) -> None:
        """Writes one more class, one more school, one more teacher, a preferred name, a merge and a former id."""
        w, one = self.w, self.w.ids[who]
        w.row("enrollment", key=identity(f"singing {who}"), section_id=w.ids[f"class {who}"], person_id=one, role="student")
        w.row("enrollment", key=identity(f"teaching {who}"), section_id=w.ids[f"class {who}"], person_id=w.ids["hal"], role="teacher", is_primary=True)
        w.sourced("role", f"second role of {who}", person_id=one, school_id=w.ids["hilltop"], role="student")
        for each in HIDDEN:
            w.owner.execute("UPDATE person SET preferred_given_name = %s WHERE id = %s", ["Robin" if each == who else "Rowan", w.ids[each]])
        w.row("merge", old_id=one, into_id=w.ids["gil"], delivery_id=w.ids["file"], question_id=self.question(who))
        w.row("former_id", sourced_id=f"former {who}", leads_here=True, person_id=one, delivery_id=w.ids["file"])

    def question(self, who: str) -> Any:
        w = self.w
        about = {"sourced_id": who, "given_name": who.title(), "family_name": "North", "birth_date": self.today}
        self.named("question", "question", who, delivery_id=w.ids["file"], kind="reused", person_id=w.ids[who], **about)
        answered = self.named("question", "answered question", who, delivery_id=w.ids["file"], kind="returned", person_id=w.ids[who],
                              **about | {"birth_date": self.today - timedelta(1)})  # fmt: skip
        w.row("answer", question_id=answered, answer="merge", proposed_by_id=w.ids["carl"], confirmed_by_id=w.ids["pat"], confirmed_at=self.now)
        return answered

    def of_offices(self, who: str) -> None:
        w, one, staff = self.w, self.w.ids[who], "hal" if who == "kai" else "una"
        self.named("substitution", "substitution", who, person_id=w.ids[staff], section_id=w.ids[f"class {who}"], given_by_id=w.ids["carl"],
                   first_day=self.today - timedelta(1), last_day=self.today + timedelta(1))  # fmt: skip
        self.named("duty", "duty", who, person_id=w.ids[staff], school_id=w.ids["hilltop"], duty="attendance clerk", start_date=self.today)
        w.row("administrator", person_id=w.ids[staff], school_id=w.ids["hilltop"], start_date=self.today)
        w.row("board_second", person_id=w.ids[staff], start_date=self.today, end_date=self.today)
        proposal = self.named("proposal", "proposal", who, kind="support", payload=json.dumps({"students": [one]}), reason=f"About {who}",
                              proposed_by_id=w.ids[staff], person_id=one, school_id=w.ids["hilltop"])  # fmt: skip
        self.named("supporter", "supporter", who, name="Sun Field", credential_id=who.encode(), attested=b"-", registered_at=self.now)
        self.named("support_grant", "grant", who, supporter_id=w.ids[f"supporter of {who}"], proposal_id=proposal, students=[one], words=who,
                   began_at=self.now, until=self.now + timedelta(hours=3))  # fmt: skip
        self.named("hold", "hold", who, student_id=one, paper=f"order about {who}")
        self.named("narrowing", "narrowing", who, kind="tie", said=json.dumps({"student": who}))
        self.named("withheld_entry", "withheld", who, entry_id=w.ids[f"entry of {who}"], student_id=one, notes=[], basis="safety",
                   until=self.today + timedelta(30), withheld_by_id=w.ids["carl"], seconded_by_id=w.ids["pat"])  # fmt: skip
        self.named("erased_student", "erased", who, sourced_ids=[f"gone {who}"], directive="-")
        self.named("news_item", "news", who, school_id=w.ids["hilltop"], audience="families", title="Choir", words=f"Sung by {who}",
                   published_at=self.now, published_by_id=w.ids["carl"])  # fmt: skip

    def of_age(self, who: str) -> None:
        w, one, day = self.w, self.w.ids[who], self.today + timedelta(20)
        w.row("majority", student_id=one, of_birth_date=day - timedelta(18 * 365 + 4), effective_on=day, announced_at=self.now)
        w.row("dependence", student_id=one, basis="tax return", recorded_by_id=w.ids["carl"])
        w.row("paper_notice", student_id=one, person_id=w.ids["eli"])
        w.row("age_agreement", tie_id=w.ids[f"tie of eli of {who}"])
        w.row("age_effect", tie_id=w.ids[f"tie of eli of {who}"], had_consent=True, had_correct=False, had_challenge=False)

    def accounts(self, who: str) -> None:
        """Writes a student's account, all that it signs in with, and codes and cards that were not used."""
        w, one = self.w, self.w.ids[who]
        account = self.named("account", "account", who, person_id=one, side="student", sign_in_name=f"{who}.student")
        w.row("credential", account_id=account, password=f"argon2 of {who}")
        address = w.row("mail_address", account_id=account, address=f"{who}@hidden.example", proven_at=self.now)
        w.row("account_mail", account_id=account, address_id=address, kind="reset")
        w.row("account_notice", account_id=account, what="a code of kind password was printed")
        w.row("known_browser", account_id=account, key=f"browser of {who}".encode())
        w.row("card", digest=f"card of {who}".encode(), made_by_id=w.ids["hal"], person_id=one, section_id=w.ids[f"class {who}"])
        w.row("code", digest=f"code of {who}".encode(), side="student", kind="password", person_id=one, expires_at=self.now + timedelta(9))
        w.row("authenticator", uuid=identity(f"authenticator of {who}"), account_id=account, name="-", secret=who.encode())
        w.row("passkey", uuid=identity(f"passkey of {who}"), account_id=account, name="-", credential_id=who.encode(), attested=b"-", sign_count=1)
        w.row("recovery_code", account_id=account, hash=f"recovery of {who}".encode())
        w.row("account_end", account_id=account, delivery_id=w.ids["file"])

    def imports(self, who: str) -> None:
        """Writes what a file on hold would change, and what a restore and an undo keep."""
        w, one = self.w, self.w.ids[who]
        held = w.row("delivery", "held", digest=f"{who:0>64}", sender="lincoln-it", signer_id="A" * 40, received_at=self.now, signed_at=self.now,
                     state="waiting", counts="{}")  # fmt: skip
        about = {"delivery_id": held, "about": "person", "schools": ["hilltop"], "stands_out": []}
        self.named("change", "change", who, place=1, sourced_id=who, person_id=one, name=who, search=who, marks=["person", "new", "person new"],
                   counts='{"person new": 1}', **about)  # fmt: skip
        w.row("change_detail", change_id=w.ids[f"change of {who}"], rows=json.dumps([{"new": {"email": f"{who}@hidden.example"}}]))
        w.row("row_image", at=self.now, kind="changed", delivery_id=w.ids["file"], table_name="result", columns=["student_id"], rows=[str(one)])
        restoration = self.named("restoration", "restoration", who, snapshot_at=self.now - timedelta(9), number=1, missing_notes=0,
                                 restored_at=self.now - timedelta(99), confirmed_at=self.now - timedelta(98))  # fmt: skip
        w.row("restoration_line", restoration_id=restoration, position=1, at=self.now, kind="tie", outcome="applied", student_id=one)
        w.row("upload", id=identity(f"upload of {who}"), by_id=w.ids["hal" if who == "kai" else "una"], delivery_id=held)

    def codes(self, who: str) -> None:
        letter = {"contact_id": self.w.ids[f"contact of {who}"], "expires_at": self.now + timedelta(9), "made_by_id": self.w.ids["carl"]}
        self.w.row("contact_code", digest=f"letter of {who}".encode(), way="post", **letter)
        self.named("contact_join", "join", who, contact_id=self.w.ids[f"contact of {who}"], person_id=self.w.ids["eli"], how="office")

    def keep_awake(self) -> None:
        """Sets the time of every session ahead, so that the calls write to none. A clock would differ between two databases."""
        self.w.owner.execute("UPDATE session SET last_seen_at = now() + interval '2 hours'")


