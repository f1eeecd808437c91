"""Everything that leaves the school: who gets each file, letter and email, and that what anyone may get asks which students may be named."""

import re
from pathlib import Path

from tests.school import School

PORTAL = Path(__file__).parents[2] / "src" / "homeroom" / "portal"
# Places that hand out a file, a printed page or an email, by how each does it, with who gets it. A new place needs a line. If anyone but these people gets
# a student's data, its database function asks directory_of() or may_be_named(), or is in a signed consent.
PLACES = {
    "home/views.py": "the family or the student: their own grades",
    "privacy/views.py": "the family or the student: a copy of everything",
    "privacy/corrections/letter_views.py": "the person who asked for a hearing",
    "incidents/letter_views.py": "the reader of the notice",
    "incidents/delivery_views.py": "an administrator: letters to print, and a list of letters that go by hand",
    "incidents/letter_mail.py": "the reader of the notice, at a verified address",
    "data_sheet/views.py": "anyone: the sheet about privacy and security, without names",
    "membership/codes/letter_views.py": "the contact whom a letter is for",
    "membership/codes/views.py": "the person for whom a code or a card is",
    "intake/office/views.py": "an administrator: the receipt of a file, without names",
    "processes/source.py": "anyone: Homeroom's own source code",
    "relay.py": "begins every email of this list",
    "door/mailing.py": "the owner of an account, without a student's name",
    "membership/due.py": "the board's approver: what waits, without a student's name",
    "events/brake_mail.py": "administrators: a count, without names",
    "intake/reports/message.py": "the district's IT contact: counts, without names",
    "intake/reports/sending.py": "the district's IT contact: the same",
}
WAYS = re.compile(r"content_disposition_header\(|\bas_file\(|Content-Disposition|EmailMessage\b")
# Functions whose rows reach people who are neither the student's family nor staff.
TO_OTHERS = {"news_shown": "families of other students read school news"}
# Each function that asks the rule, and what for. A later list of directory information comes here.
ASKS = {
    "news_shown": "what is read", "publish_news": "what is published", "news_published": "what became hidden",
    "draft_letter": "what every affected family reads about an incident",
    "directory_shown": "what a family reads about it",
}  # fmt: skip


def test_every_place_that_hands_out_a_file_or_an_email_says_who_gets_it() -> None:
    files = [path for path in PORTAL.rglob("*.py") if "tests" not in path.parts]
    found = {str(path.relative_to(PORTAL)) for path in files if WAYS.search(path.read_text())}
    assert found - {"home/download.py"} == set(PLACES)  # that one has as_file()
    assert all(len(who) > 15 for who in PLACES.values())


def test_every_function_that_asks_is_listed_and_news_is_one(school: School) -> None:
    with school.connect("owner") as owner:
        bodies = dict(owner.execute("""SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
            AND EXISTS (SELECT FROM unnest(ARRAY['app', 'jobs', 'door']) l WHERE has_function_privilege(l, p.oid, 'EXECUTE'))""").fetchall())
    asks = {name for name, body in bodies.items() if re.search(r"\b(may_be_named|directory_of)\(", body)}
    assert asks == set(ASKS) and set(TO_OTHERS) <= asks


def test_every_function_that_reads_news_asks_who_may_be_named(school: School) -> None:
    """School news is the only text for families that an office writes freely."""
    with school.connect("owner") as owner:
        rows = owner.execute("""SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proretset
            AND has_function_privilege('app', p.oid, 'EXECUTE') AND p.prosrc ~ 'FROM news_item'""").fetchall()
    assert rows and {name for name, body in rows if "may_be_named(n.named)" not in body} == set()
