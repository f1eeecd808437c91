"""Open cases in both casts: requests, challenges, proposals, support, a restore, and a hidden entry of the access log."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from tests.cast import token
from tests.writer import CANARY, Writer, identity


class Cases:
    """Writes them as owner, as of `now`."""

    def __init__(self, w: Writer, now: datetime) -> None:
        self.w, self.now, self.today = w, now, now.date()

    def day(self, days: int) -> Any:
        return self.today + timedelta(days)

    def all(self) -> None:
        self.sharing()
        for part in (self.files, self.requests, self.challenges, self.tutors, self.ages, self.masked, self.support, self.proposals, self.restored, self.log):
            part()

    def files(self) -> None:
        """Writes a file on hold and one from long ago, and a second question, which someone answered."""
        w = self.w
        w.row("delivery", "held", digest="1" * 64, sender="lincoln-it", signer_id="A" * 40, received_at=self.now - timedelta(1),
            signed_at=self.now - timedelta(1),
              ended_at=self.now - timedelta(1), state="held", reasons='[["removes", 9]]')  # fmt: skip
        w.row("delivery", "old", digest="2" * 64, sender="lincoln-it", signer_id="A" * 40, received_at=self.now - timedelta(20),
            signed_at=self.now - timedelta(20),
              ended_at=self.now - timedelta(20), state="imported")  # fmt: skip
        w.row("question", "question/kai", uuid=identity("question/kai"), delivery_id=w.ids["file"], kind="reused", person_id=w.ids["kai"], sourced_id="kai",
              given_name="Ira", family_name="Pell", birth_date=self.day(-13 * 365))  # fmt: skip
        w.row("answer", question_id=w.ids["question/kai"], answer="same person", proposed_by_id=w.ids["ira"])
        about = {"delivery_id": w.ids["file"], "about": "person", "schools": ["middle"], "stands_out": [], "counts": "{}", "marks": ["person"]}
        w.row("change", "changes/ned", uuid=identity("changes/ned"), place=3, sourced_id="ned", person_id=w.ids["ned"], name="Ned Park",
            search="ned park", **about)
        w.row("change_detail", change_id=w.ids["changes/ned"], rows="[]")

    def requests(self) -> None:
        w, born = self.w, self.day(-12 * 365)
        middle = {"school_id": w.ids["middle"], "office_id": w.ids["middle"]}
        w.row("registration", "asked/pia", uuid=identity("asked/pia"), person_id=w.ids["pia"], child_given_name="Kai", child_family_name="Okafor",
            child_birth_date=born,
              relation="mother", asked_at=self.now - timedelta(9), matched_at=self.now, student_id=w.ids["kai"], is_exact=True, **middle)  # fmt: skip
        w.row("registration", "asked/kit", uuid=identity("asked/kit"), person_id=w.ids["kit"], child_given_name="Kai", child_family_name="Okafor",
            child_birth_date=born,
              relation="self", asked_at=self.now - timedelta(2), matched_at=self.now, student_id=w.ids["kai"], **middle)  # fmt: skip
        w.row("registration", "asked/jo", uuid=identity("asked/jo"), person_id=w.ids["jo"], child_given_name="Nina", child_family_name="Ruiz",
            child_birth_date=born,
              relation="father", asked_at=self.now - timedelta(90), matched_at=self.now, student_id=w.ids["nina"], state="approved", evidence="known",
              answered_at=self.now - timedelta(80), answered_by_id=w.ids["ruth"], **middle)  # fmt: skip
        w.sourced("contact", "contact/pia/kai", student_id=w.ids["kai"], person_id=w.ids["pia"], email="pia@example.org", phone=f"{CANARY} 555 010 0177",
                  relationship="Mother", delivery_id=w.ids["old"])  # fmt: skip
        w.sourced("contact", "contact/quin/kai", student_id=w.ids["kai"], name="Quin Ash", relationship="Aunt", is_confidential=True)
        w.sourced("contact", "contact/eli/leo", student_id=w.ids["leo"], name="Eli North", relationship="Uncle")
        w.row("contact_join", "join", uuid=identity("join"), contact_id=w.ids["contact/ana/nina"], person_id=w.ids["ana"], how="office")
        w.row("inspection", "inspection/ora", uuid=identity("inspection/ora"), student_id=w.ids["hal"], person_id=w.ids["ora"],
            asked_at=self.now - timedelta(1))
        asked = {"ground": "inaccurate", "why": f"{CANARY} certificate", "asked_at": self.now - timedelta(1)}
        heard = {"state": "hearing", "hearing_asked_at": self.now, "hearing_on": self.today, "hearing_place": "Room 3"}
        refused = {"state": "refused", "answered_at": self.now}
        stated = {"state": "upheld", "answered_at": self.now - timedelta(100), "statement_at": self.now}
        of_score = stated | {"of_row": identity("science quiz/ned"), "statement": "The quiz was graded twice."}
        of_name = stated | {"statement": "It is Ned, and not Edmund."}
        for name, about, more in (("ora", "last name", {}), ("refused", "grade level", refused), ("heard", "other", heard), ("scored", "score", of_score),
            ("named", "first name", of_name)):
            w.row("correction", f"correction/{name}", uuid=identity(f"correction/{name}"), student_id=w.ids["ned"], person_id=w.ids["ora"],
                about=about, value_was="Park", value_wanted="Parker", **asked, **more)  # fmt: skip

    def sharing(self) -> None:
        """Writes Ora's opt-out for Ned, from names, which the district adopted."""
        for category in ("name", "phone"):
            self.w.owner.execute(f"UPDATE district SET directory_{category} = true")
        self.w.row("directory_opt_out", "opt-out/ora", uuid=identity("opt-out/ora"), student_id=self.w.ids["ned"], person_id=self.w.ids["ora"],
            category="name", asked_at=self.now - timedelta(1))  # fmt: skip
        signed = {"purpose": f"{CANARY} therapy", "recipient": "Lee Clinic", "last_day": self.day(20), "signature": "Ora Park", "records": ["grades"]}
        for name, ended in (("ora", None), ("over", self.now)):
            self.w.row("signed_consent", f"signed/{name}", uuid=identity(f"signed/{name}"), student_id=self.w.ids["ned"], consenter_id=self.w.ids["ora"],
                signed_at=self.now - timedelta(2), ended_at=ended, **signed)  # fmt: skip

    def challenges(self) -> None:
        """Writes Ada's challenge of Dana's access to Kai, which the office set aside."""
        w = self.w
        w.row("challenge", "challenge/ada", uuid=identity("challenge/ada"), tie_id=w.ids["tie/dana/kai"], challenger_id=w.ids["ada"],
            challenger_tie_id=w.ids["tie/ada/kai"],
              reason="other", words="Please check.", asked_at=self.now - timedelta(30), tie_was="approved", remind_at=self.now - timedelta(29),
              decided_at=self.now - timedelta(20), decided_by_id=w.ids["carl"], outcome="set aside", why="Nothing is odd.")  # fmt: skip
        for thread in ({"challenge_id": w.ids["challenge/ada"]}, {"tie_id": w.ids["tie/dana/kai"]}):
            w.row("challenge_message", author_id=w.ids["carl"], is_of_office=True, words="We look at it.", at=self.now - timedelta(25), **thread)

    def tutors(self) -> None:
        w = self.w
        w.row("tutor_application", "applied/uma", uuid=identity("applied/uma"), person_id=w.ids["uma"], organization="Library", purpose="Reading",
            state="approved",
              asked_at=self.now - timedelta(30), evidence="known", answered_at=self.now - timedelta(29), answered_by_id=w.ids["ira"])  # fmt: skip
        w.row("tutor_application", "applied/oz", uuid=identity("applied/oz"), person_id=w.ids["oz"], organization="Chess", purpose="Chess",
            asked_at=self.now - timedelta(3))
        w.row("tutor_request", "wanted/uma", uuid=identity("wanted/uma"), person_id=w.ids["uma"], school_id=w.ids["elementary"], student_id=w.ids["leo"],
              child_given_name="Leo", child_family_name="Ruiz", child_birth_date=self.day(-8 * 365), kinds=["attendance"], purpose="Reading",
              last_day=self.day(19), asked_at=self.now - timedelta(12), matched_at=self.now - timedelta(12), state="consented")  # fmt: skip
        w.row("tutor_consent", tie_id=w.ids["tie/uma/leo"], request_id=w.ids["wanted/uma"], consenter_id=w.ids["ana"], consenter_tie_id=w.ids["tie/ana/leo"],
              organization="Library", kinds=["attendance"], purpose="Reading", last_day=self.day(19), signature="Ana Ruiz",
              signed_at=self.now - timedelta(10))  # fmt: skip

    def ages(self) -> None:
        """Writes that Kai's birth date changed and waits for an office."""
        born = self.day(20) - timedelta(18 * 365 + 4)
        self.w.row("majority", student_id=self.w.ids["kai"], of_birth_date=born, effective_on=self.day(20), announced_at=self.now - timedelta(9),
            held_at=self.now - timedelta(1))

    def masked(self) -> None:
        self.w.row("masking", "masking/ned", uuid=identity("masking/ned"), student_id=self.w.ids["ned"], given_name="Rob", family_name="Vale", basis="threat",
                   start_date=self.day(-9), masked_by_id=self.w.ids["carl"])  # fmt: skip

    def support(self) -> None:
        """Writes a grant that lets Ray view Nina and Kai for three hours."""
        w = self.w
        w.row("supporter", "supporter/sue", uuid=identity("supporter/sue"), name="Sue Hill", credential_id=b"sue's passkey", attested=b"-",
            registered_at=self.now - timedelta(9))
        w.ids["supporter"] = w.owner.execute("SELECT id FROM supporter WHERE uuid = %s", [identity("supporter")]).fetchone()[0]  # type: ignore[index]
        let_in = {"supporter": str(identity("supporter")), "hours": 3, "students": [str(identity(who)) for who in ("nina", "kai")]}
        self.proposal("support/ray", "support", None, None, let_in, state="carried out", decided_by_id=w.ids["ira"], decided_at=self.now, ended_at=self.now)
        w.row("support_grant", "grant", uuid=identity("grant"), supporter_id=w.ids["supporter"], proposal_id=w.ids["support/ray"],
            students=[w.ids["nina"], w.ids["kai"]],
              until=self.now + timedelta(hours=3), began_at=self.now)  # fmt: skip
        key = hashlib.sha256(hashlib.sha256(token("ray", "support").encode()).digest()).digest()
        w.row("support_session", key=key, grant_id=w.ids["grant"], last_seen_at=self.now + timedelta(hours=2))

    def proposals(self) -> None:
        """Writes Carl's proposals, and one of Fay's."""
        w, day = self.w, str(self.day(1))
        of = {who: str(identity(who)) for who in ("middle", "kai", "nina", "supporter/sue", "contact/quin/kai", "masking/ned")}
        lock = {"lock_until": self.now + timedelta(1)}
        self.proposal("duty/bo", "wide duty", "bo", "middle", {"duty": "principal", "first": day, "last": None, "school": of["middle"]}, **lock)
        self.proposal("office/cam", "new administrator", "cam", "elementary", {"school": str(identity("elementary"))}, by="fay", **lock)
        self.proposal("unmask/ned", "unmasking", "ned", "middle", {"masking": of["masking/ned"]})
        self.proposal("shown/quin", "contact shown", None, "middle", {"student": of["kai"], "contact": of["contact/quin/kai"]})
        self.proposal("support/sue", "support", None, None, {"supporter": of["supporter/sue"], "hours": 2, "students": [of["nina"]]})
        self.proposal("wider", "wider setting", None, None, {"setting": "letters_by_child", "was": "false", "now": "true"})
        w.row("closed_to_parents", uuid=identity("closed/gone"), student_id=w.ids["max"], basis="safety", words="-", set_by_id=w.ids["carl"],
            ended_at=self.now - timedelta(9))

    def proposal(self, name: str, kind: str, about: str | None, school: str | None, payload: dict[str, Any], *, by: str = "carl", **more: Any) -> None:
        self.w.row("proposal", name, uuid=identity(name), kind=kind, person_id=self.w.ids[about] if about else None,
            school_id=self.w.ids[school] if school else None,
                   payload=json.dumps(payload), reason=f"because of {name}", proposed_by_id=self.w.ids[by], proposed_at=self.now - timedelta(1),
                   **({"state": "waiting"} | more))  # fmt: skip

    def restored(self) -> None:
        """Writes a restore from a backup that no one confirmed yet. One note is about Gus and Max, and one is about Dana and Kai."""
        w = self.w
        w.row("restoration", "restoration", uuid=identity("restoration"), number=7, snapshot_at=self.now - timedelta(2),
            restored_at=self.now - timedelta(1), missing_notes=1)
        for place, (kind, who, student) in enumerate((("restriction", "gus", "max"), ("tie", "dana", "kai"))):
            w.row("restoration_line", restoration_id=w.ids["restoration"], position=place, at=self.now - timedelta(1), kind=kind, outcome="applied", told="{}",
                  person_id=w.ids[who], student_id=w.ids[student])  # fmt: skip

    def log(self) -> None:
        """Writes Nina's access log of two days ago. The family can't see Carl's view."""
        w, at = self.w, self.now - timedelta(2)
        for name, who, capacity, tie in (
            ("bo's", "bo", "teacher", None), ("tia's", "tia", "family", "tie/tia/nina"), ("zoe's", "zoe", "family", "tie/zoe/nina"), ("ana's", "ana",
                "family", "tie/ana/nina"),
            ("hidden", "carl", "administrator", None),
        ):  # fmt: skip
            entry = w.row("ledger", name, at=at, event="look", act="child", person_id=w.ids[who], capacity=capacity, xid=1,
                section_id=w.ids["algebra"] if who == "bo" else None)
            w.row("ledger_student", entry_id=entry, student_id=w.ids["nina"], at=at, kinds=["grades"], tie_id=w.ids[tie] if tie else None)
        w.row("withheld_entry", uuid=identity("withheld"), entry_id=w.ids["hidden"], student_id=w.ids["nina"], notes=[], basis="safety", until=self.day(30),
              withheld_by_id=w.ids["carl"], seconded_by_id=w.ids["ada"])  # fmt: skip
        w.row("ledger", "set", at=at, event="setting", act="attendance codes", person_id=w.ids["carl"], capacity="administrator", reason="[]", xid=1)
