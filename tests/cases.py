"""Open cases in the cast: requests, a challenge, a tutor, a birthday, news, and a future alias."""

from datetime import UTC, date, datetime, timedelta

from psycopg.types.json import Jsonb

from tests.writer import CANARY, Writer, identity


def write_request(w: Writer, now: datetime) -> None:
    w.row("registration", uuid=identity("asked"), person_id=w.ids["lou"], school_id=w.ids["middle"], office_id=w.ids["middle"],
          child_given_name="Nina", child_family_name="Ruiz",
          child_birth_date=now.date() - timedelta(12 * 365), relation="father", asked_at=now - timedelta(1), matched_at=now,
          student_id=w.ids["nina"])  # fmt: skip


def write_tutor(w: Writer, now: datetime) -> None:
    w.row("tutor_application", "applied", uuid=identity("applied"), person_id=w.ids["tia"], organization="After-School Center", purpose="Homework help",
          asked_at=now - timedelta(2), state="approved", evidence="photo id", answered_at=now - timedelta(1), answered_by_id=w.ids["carl"])  # fmt: skip
    w.row("tutor_request", "wanted", uuid=identity("wanted"), person_id=w.ids["tia"], school_id=w.ids["elementary"], student_id=w.ids["leo"],
          child_given_name="Leo", child_family_name="Ruiz", child_birth_date=now.date() - timedelta(8 * 365), kinds=["attendance"], purpose="Reading aloud",
          last_day=now.date() + timedelta(20), asked_at=now - timedelta(1), matched_at=now)  # fmt: skip


def write_challenge(w: Writer, now: datetime) -> None:
    w.row("challenge", "challenge", uuid=identity("challenge"), tie_id=w.ids["tie/jo/nina"], challenger_id=w.ids["ana"],
          challenger_tie_id=w.ids["tie/ana/nina"], reason="stranger", words=CANARY, asked_at=now - timedelta(1), tie_was="approved",
          suspended_until=now + timedelta(5), remind_at=now + timedelta(1))  # fmt: skip
    said = {"author_id": w.ids["carl"], "is_of_office": True}
    w.row("challenge_message", challenge_id=w.ids["challenge"], words="Is there anybody of this name in the family?", **said)
    w.row("challenge_message", tie_id=w.ids["tie/jo/nina"], words="Bring a photo ID to the office.", **said)


def write_news(w: Writer, now: datetime) -> None:
    for name, school, audience in (
        ("concert", "middle", "families"),
        ("meeting", "middle", "staff"),
        ("fair", "elementary", "families"),
        ("holiday", "", "everyone"),
    ):
        said = {"title": name.capitalize(), "words": "What, where and when.", "published_at": now - timedelta(1), "published_by_id": w.ids["carl"]}
        w.row("news_item", name, uuid=identity(name), school_id=w.ids.get(school), audience=audience, **said)


def write_majority(w: Writer, now: datetime) -> None:
    """Writes Max's 18th birthday in a month. It comes from a birth date that an office confirmed and that his record no longer has."""
    day = now.date() + timedelta(30)
    w.row("majority", student_id=w.ids["max"], of_birth_date=day - timedelta(18 * 365 + 4), effective_on=day, announced_at=now)
    w.row("paper_notice", student_id=w.ids["max"], person_id=w.ids["dee"])


def write_masking(w: Writer, today: date) -> None:
    """Writes Leo's alias, Sky Lane, which begins in a month."""
    w.row("masking", "masking", uuid=identity("masking"), student_id=w.ids["leo"], given_name="Sky", family_name="Lane", basis="threat",
          start_date=today + timedelta(30), masked_by_id=w.ids["carl"])  # fmt: skip


def write_incident(w: Writer, now: datetime) -> None:
    """Writes a closed incident of 60 days ago, with a letter that Ana hasn't opened and a printed one to Dee. Clocks are whole days over at any hour."""
    begun = now.astimezone(UTC) - timedelta(days=60)
    incident = w.row("incident", "incident", uuid=identity("incident"), year=2025, number=7)
    text = {language: dict.fromkeys(("what_happened", "doing", "can_do"), f"{CANARY} bus") for language in ("en", "es")}
    released = text | {"start": begun.isoformat(), "data": {"students: names": 1}}
    for name, kind, what, moment, known in (
        ("declared", "declared", "", begun, {"title": "A lost laptop"}), ("done", "done", "residents notified", begun, None),
        ("released", "released", "", None, released), ("printed", "printed", "paper", None, {"letters": 1}),
        ("closed", "stage", "closed", None, None),
    ):  # fmt: skip
        w.row("incident_fact", f"incident/{name}", uuid=identity(f"incident/{name}"), incident_id=incident, at=begun, by_id=w.ids["carl"], kind=kind,
              what=what, words=f"{CANARY} laptop", moment=moment, facts=Jsonb(known) if known else None)  # fmt: skip
    w.row("breach_letter", "letter", uuid=identity("letter"), release_id=w.ids["incident/released"], incident_id=incident, notice="first notice",
          person_id=w.ids["ana"], children=[w.ids["nina"]], is_own=False, channel="portal", way="portal", state="there", released_at=begun)  # fmt: skip
    w.row("breach_letter", "letter/dee", uuid=identity("letter/dee"), release_id=w.ids["incident/released"], incident_id=incident, notice="first notice",
          person_id=w.ids["dee"], children=[w.ids["max"]], is_own=False, channel="paper", way="paper", state="printed",
          batch_id=w.ids["incident/printed"], released_at=begun)  # fmt: skip
