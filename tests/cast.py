"""The cast: who is who in the tests. Lincoln Unified has two schools. Eve belongs to another district and is not in this one."""
#
# Ana Ruiz     mother of Nina (grade 7) and Leo (grade 3), with approved access to all kinds of data
# Jo Castillo  claimed access to Nina, which is suspended because Ana challenges it
# Tia Bright   tutor who sees only Nina's grades, until a date
# Bo Larsen    teaches Algebra 1 (Nina, Max)
# Dana Okafor  teaches English 7 (Nina, Max, Kai), and is Kai's mother
# Dee Moss     mother of Max
# Gus Moss     father of Max, under a restriction
# Carl Webb    district administrator
# Rosa Lim     attendance clerk of Lincoln Middle, and substitute in Reading 3
# Pat Quill    principal of Lincoln Middle
# Vera Holt    named by the school board for second approvals
# Lou Ibarra   registered and asked to see Nina, and has no answer yet
# Leo          has an alias, Sky Lane, from next month on
# Max          has his 18th birthday in a month, and Dee must be notified on paper
# Bo's laptop  was found by a bus driver last year: a closed incident with two letters, to Ana and Dee
# Ray Stone    works for the operator's support, and has no role in the district
#
# Lincoln Middle publishes a concert to families and a meeting to staff. Lincoln Elementary publishes a fair, and the district a holiday to everyone.
# Nina also has a class that begins next term, Art 7. Only her school should see it yet.

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from tests.cases import (
    write_challenge,
    write_incident,
    write_majority,
    write_masking,
    write_news,
    write_request,
    write_tutor,
)
from tests.writer import CANARY, Writer
from tests.writer import identity as identity

HERE = ZoneInfo("America/Los_Angeles")  # the district's time zone
NAMES = {
    "ana": "Ana Ruiz", "nina": "Nina Ruiz", "leo": "Leo Ruiz", "jo": "Jo Castillo", "tia": "Tia Bright", "bo": "Bo Larsen",
    "dana": "Dana Okafor", "kai": "Kai Okafor", "dee": "Dee Moss", "gus": "Gus Moss", "max": "Max Moss", "carl": "Carl Webb",
    "rosa": "Rosa Lim", "pat": "Pat Quill", "sam": "Sam Reed", "vera": "Vera Holt", "lou": "Lou Ibarra",
}  # fmt: skip
STUDENTS = {"nina": "07", "max": "07", "kai": "07", "leo": "03"}
SIDES = {
    "ana": ["family"], "nina": ["student"], "leo": ["student"], "max": ["student"], "jo": ["family"], "tia": ["family"], "bo": ["staff"],
    "dana": ["staff", "family"], "dee": ["family"], "gus": ["family"], "carl": ["staff"], "rosa": ["staff"], "pat": ["staff"],
    "vera": ["staff"], "lou": ["family"],
}  # fmt: skip


def token(person: str, side: str) -> str:
    """Returns the cookie of this person's session in that role."""
    return f"token-of-{person}-{side}"


def write_cast(owner: psycopg.Connection[Any], now: datetime) -> dict[str, int]:
    """Writes everyone and everything above, as of `now`. Returns {name: id}. Its days are the district's: in its evening, UTC has tomorrow."""
    w, now = Writer(owner), now.astimezone(HERE)
    today = now.date()
    owner.execute(
        "INSERT INTO district (id, time_zone, grade_categories, limits, caps, tolerances)"
        " VALUES (1, 'America/Los_Angeles', '{Term Grade}', '{}', '{}', '{blank-due-dates}')"
    )
    write_places(w, today)
    for name, full in NAMES.items():
        given, family = full.split()
        w.sourced("person", name, given_name=given, family_name=family, grade_levels=[STUDENTS[name]] if name in STUDENTS else [],
                  is_student=name in STUDENTS, is_staff="staff" in SIDES.get(name, []) and name != "vera")  # fmt: skip
    write_classes(w, today)
    write_deliveries(w, now)
    write_records(w, today)
    write_ties(w, now)
    write_request(w, now)
    write_challenge(w, now)
    write_tutor(w, now)
    write_majority(w, now)
    write_news(w, now)
    write_masking(w, today)
    write_accounts(w, now)
    w.row("inspection", uuid=identity("inspection"), student_id=w.ids["max"], person_id=w.ids["gus"], asked_at=now)
    w.row("correction", uuid=identity("correction"), student_id=w.ids["kai"], person_id=w.ids["dana"], about="first name", value_was="Kai",
          value_wanted="Kairo", ground="inaccurate", why=f"{CANARY} passport", asked_at=now)  # fmt: skip
    write_incident(w, now)
    w.row("supporter", uuid=identity("supporter"), name="Ray Stone", credential_id=b"ray's passkey", attested=b"-", registered_at=now)
    return w.ids


def write_places(w: Writer, today: date) -> None:
    w.sourced("school", "middle", name="Lincoln Middle", kind="school")
    w.sourced("school", "elementary", name="Lincoln Elementary", kind="school")
    year = {"kind": "semester", "school_year": today.year}
    w.sourced(
        "term", "fall", title="Fall term", start_date=today - timedelta(80), end_date=today + timedelta(30), **year
    )
    w.sourced(
        "term", "spring", title="Spring term", start_date=today + timedelta(30), end_date=today + timedelta(150), **year
    )
    w.sourced("course", "course", title="Course", school_id=w.ids["middle"])


def write_classes(w: Writer, today: date) -> None:
    for name, title, school, term, teacher, students in (
        ("algebra", "Algebra 1", "middle", "fall", "bo", ["nina", "max"]),
        ("english", "English 7", "middle", "fall", "dana", ["nina", "max", "kai"]),
        ("reading", "Reading 3", "elementary", "fall", "sam", ["leo"]),
        ("art", "Art 7", "middle", "spring", "sam", ["nina"]),
    ):
        w.sourced(
            "section",
            name,
            title=title,
            kind="scheduled",
            course_id=w.ids["course"],
            school_id=w.ids[school],
            periods=["2"],
        )
        w.row("section_term", section_id=w.ids[name], term_id=w.ids[term])
        for person in [teacher, *students]:
            w.row("enrollment", f"{name}/{person}", key=identity(f"{name}/{person}"), section_id=w.ids[name], person_id=w.ids[person],
                  role="teacher" if person == teacher else "student", is_primary=person == teacher)  # fmt: skip
    for student, grade in STUDENTS.items():
        school = "elementary" if grade == "03" else "middle"
        w.sourced("role", f"role/{student}", person_id=w.ids[student], school_id=w.ids[school], role="student")
        w.row("demographic", person_id=w.ids[student], birth_date=today - timedelta(12 * 365))


def write_deliveries(w: Writer, now: datetime) -> None:
    w.row("signer", fingerprint="A" * 40, sender="lincoln-it", certificate="-")
    w.row("delivery", "file", digest="0" * 64, sender="lincoln-it", signer_id="A" * 40, received_at=now - timedelta(hours=8),
          signed_at=now - timedelta(hours=9), ended_at=now - timedelta(hours=8), state="imported", receipt="signed by the portal",
          counts='{"result": {"new": 6}, "attendance_mark": {"new": 4}}')  # fmt: skip
    w.row("upload", by_id=w.ids["carl"], delivery_id=w.ids["file"])
    w.row("refused_row", delivery_id=w.ids["file"], file="results.csv", line=3, column="score", reason="score_odd")
    w.row("decision", delivery_id=w.ids["file"], verdict="approve", by_id=w.ids["carl"], done_at=now)
    w.row("unread_column", file="results.csv", column_name="comment")
    w.row("question", "question", uuid=identity("question"), delivery_id=w.ids["file"], kind="reused", person_id=w.ids["nina"],
          sourced_id="nina", given_name="Tom", family_name="Vega", birth_date=now.date() - timedelta(13 * 365))  # fmt: skip
    merged = w.row("question", uuid=identity("merge"), delivery_id=w.ids["file"], kind="returned", person_id=w.ids["max"], sourced_id="max-2", given_name="Max",
                   family_name="Moss", birth_date=now.date(), applied_by_id=w.ids["file"])  # fmt: skip
    w.row("answer", question_id=merged, answer="merge", proposed_by_id=w.ids["carl"],
          confirmed_by_id=w.ids["pat"], confirmed_at=now)  # fmt: skip
    w.row("merge", question_id=merged, old_id=w.ids["max"], into_id=w.ids["kai"], delivery_id=w.ids["file"])
    write_changes(w)


def write_changes(w: Writer) -> None:
    """Writes the changes of the imported file. Nina's email changed. Ida was new in it, and is not in the portal."""
    about = {"delivery_id": w.ids["file"], "about": "person", "schools": ["middle"], "stands_out": []}
    w.row("change_count", delivery_id=w.ids["file"], shape="contact_detail", school="middle", school_title="Lincoln Middle", kind="changed", rows=1)
    for place, (name, full, mark) in enumerate((("ida", "Ida Novak", "person new"), ("nina", NAMES["nina"], "contact_detail changed"))):
        shape, kind = mark.split()
        w.row("change", f"changes/{name}", uuid=identity(f"changes/{name}"), place=place + 1, sourced_id=name, person_id=w.ids.get(name),
              name=full, search=full.lower(), marks=[shape, kind, mark], counts=f'{{"{mark}": 1}}', **about)  # fmt: skip
        rows = f'[{{"shape": "{shape}", "kind": "{kind}", "old": {{"email": "old@{CANARY}.example"}}, "new": {{"email": "new@{CANARY}.example"}}}}]'
        w.row("change_detail", change_id=w.ids[f"changes/{name}"], rows=rows)


def write_records(w: Writer, today: date) -> None:
    w.sourced("category", "homework", title="Homework", weight=40)
    w.sourced("category", "grades", title="Term Grade")
    for section, students in {
        "algebra": ["nina", "max"],
        "english": ["nina", "max", "kai"],
        "reading": ["leo"],
    }.items():
        for work, category, is_grade in ((f"{section} quiz", "homework", False), (f"{section} grade", "grades", True)):
            w.row("line_item", work, key=identity(work), section_id=w.ids[section], category_id=w.ids[category], term_id=w.ids["fall"],
                  title=work.capitalize(), assign_date=today - timedelta(9), due_date=today - timedelta(5), score_max=10, is_grade=is_grade)  # fmt: skip
            for student in students:
                result = w.row("result", id=identity(f"{work}/{student}"), line_item_id=w.ids[work], student_id=w.ids[student], status=1,
                               score=9 if not is_grade else 88.4, text_score="B+" if is_grade else None, comment=CANARY,
                               score_date=today - timedelta(4), delivery_id=w.ids["file"])  # fmt: skip
                w.row(
                    "result_change",
                    result_id=result,
                    student_id=w.ids[student],
                    delivery_id=w.ids["file"],
                    old_score=7,
                    old_status=1,
                )
    scale = w.sourced("score_scale", "scale", title="Letters", kind="letters", school_id=w.ids["middle"], pairs="[]")
    w.sourced("line_item_score_scale", "item-scale", line_item_id=w.ids["algebra quiz"], score_scale_id=scale)
    w.sourced("result_score_scale", "result-scale", result_id=identity("algebra quiz/nina"), score_scale_id=scale)
    for student in STUDENTS:
        w.row("attendance_mark", id=identity(f"mark/{student}"), student_id=w.ids[student], day=today - timedelta(2), status="absent",
              school_id=w.ids["elementary" if student == "leo" else "middle"], excuse_code="", delivery_id=w.ids["file"])  # fmt: skip
        w.row("contact_detail", person_id=w.ids[student], email=f"{student}@{CANARY}.example")
    for adult, student in (("ana", "nina"), ("ana", "leo"), ("dee", "max"), ("gus", "max"), ("jo", "nina")):
        w.sourced(
            "contact",
            f"contact/{adult}/{student}",
            student_id=w.ids[student],
            person_id=w.ids[adult],
            phone=f"{CANARY} 555 010 0199",
        )
        w.owner.execute(
            "INSERT INTO contact_detail (person_id, phone) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [w.ids[adult], CANARY],
        )


def write_ties(w: Writer, now: datetime) -> None:
    today = now.date()
    everything = ["grades", "attendance", "contacts", "birth date", "ledger"]
    for adult, student, kind, views, state in (
        ("ana", "nina", "parent", everything, "approved"),
        ("ana", "leo", "parent", everything, "approved"),
        ("jo", "nina", "parent", everything, "suspended"),
        ("tia", "nina", "tutor", ["grades"], "approved"),
        ("dana", "kai", "parent", everything, "approved"),
        ("dee", "max", "parent", everything, "approved"),
        ("gus", "max", "parent", everything, "approved"),
    ):
        w.row("tie", f"tie/{adult}/{student}", uuid=identity(f"tie/{adult}/{student}"), adult_id=w.ids[adult], student_id=w.ids[student],
              kind=kind, start_date=today - timedelta(60), end_date=today + timedelta(60) if kind == "tutor" else None, view_kinds=views,
              may_consent=kind == "parent", may_correct=kind == "parent", may_challenge=kind == "parent", is_confidential=False,
              proof="claimed" if adult == "jo" else "in person", state=state,
              approved_at=now)  # fmt: skip
    w.row(
        "restriction",
        uuid=identity("restriction"),
        person_id=w.ids["gus"],
        student_id=w.ids["max"],
        basis="court order",
        start_date=today - timedelta(10),
    )
    w.row(
        "duty",
        person_id=w.ids["rosa"],
        school_id=w.ids["middle"],
        duty="attendance clerk",
        start_date=today - timedelta(60),
    )
    w.row("duty", uuid=identity("duty"), person_id=w.ids["pat"], school_id=w.ids["middle"], duty="principal", start_date=today - timedelta(60))
    w.row("administrator", person_id=w.ids["carl"], start_date=today - timedelta(60))
    w.row("board_second", person_id=w.ids["vera"], start_date=today - timedelta(60))
    w.row("substitution", "substitution", uuid=identity("substitution"), person_id=w.ids["rosa"], section_id=w.ids["reading"], given_by_id=w.ids["carl"],
          first_day=today - timedelta(1), last_day=today + timedelta(1))  # fmt: skip


def write_accounts(w: Writer, now: datetime) -> None:
    from homeroom.portal.door.hashing import Argon2id

    password = Argon2id().encode("correct horse harbor staple", "salt of twenty-two byte")
    for name, sides in SIDES.items():
        for side in sides:
            account = w.row(
                "account",
                uuid=identity(f"account/{name}/{side}"),
                person_id=w.ids[name],
                side=side,
                sign_in_name=f"{name}.{side}",
            )
            w.row("credential", account_id=account, password=password)
            proof = hashlib.sha256(token(name, side).encode()).digest()
            w.row("session", key=hashlib.sha256(proof).digest(), account_id=account, person_id=w.ids[name], side=side, idle_limit=timedelta(hours=12),
                  expires_at=now + timedelta(days=1), previous_visit_at=now - timedelta(days=3),
                  proven_at=now + timedelta(days=1),  # the suite may run longer than a proof is fresh
                  is_strong=side == "staff" or name == "tia")  # fmt: skip
    w.owner.execute(
        "INSERT INTO security_event (at, kind, result, account_id, xid, session)"
        " SELECT now(), k, 'done', a.id, 1, s.key FROM account a JOIN session s ON s.account_id = a.id, unnest(ARRAY['sign in', 'sign out']) k"
        " WHERE a.sign_in_name = 'bo.staff'"
    )
