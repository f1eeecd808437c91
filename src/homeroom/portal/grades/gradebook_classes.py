"""The classes of a teacher, of a school's principal, or one of them: no record of a student, so no look is needed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from homeroom.portal.access.actor import Actor
from homeroom.portal.grades.queries import terms_of
from homeroom.portal.membership.models import Duty
from homeroom.portal.roster.models import Enrollment, Section, SectionTerm

OPENS_SCHOOL = ("principal", "counselor")  # as in reach.sql, sections_i_may_open()


@dataclass(frozen=True, slots=True)
class Class:
    """term: the one that runs, else the next, else the last."""

    id: int
    uuid: UUID
    title: str
    periods: tuple[str, ...]
    school: str
    term: str
    is_over: bool
    students: int

    @property
    def period(self) -> str:
        return self.periods[0] if len(self.periods) == 1 else ""


def classes_i_teach(actor: Actor, today: date) -> list[Class]:
    """With those whose session is over, for as long as the database opens them: 30 days, to who taught to its end."""
    begun, now = Q(begin_date=None) | Q(begin_date__lte=today), Q(end_date=None) | Q(end_date__gt=today)
    runs = SectionTerm.objects.filter(section=OuterRef("section"), term__end_date__gt=today)
    mine = Enrollment.objects.filter(begun, now | ~Q(Exists(runs)), person=actor.person_id, role="teacher", ended_at=None)
    return _rows(Section.objects.filter(id__in=mine.values("section")), today)


def classes_of_my_schools(actor: Actor, today: date) -> list[Class]:
    """Of the schools where this person has the duty of principal or counselor."""
    now = Q(end_date=None) | Q(end_date__gt=today)
    duties = Duty.objects.filter(now, person=actor.person_id, duty__in=OPENS_SCHOOL, start_date__lte=today)
    sections = Section.objects.filter(school__in=duties.values("school"))
    return [found for found in _rows(sections, today) if not found.is_over]


def class_of(uuid: UUID, today: date) -> Class | None:
    """None where it is out of reach, or not there."""
    return next(iter(_rows(Section.objects.filter(uuid=uuid), today)), None)


def _rows(sections: QuerySet[Section], today: date) -> list[Class]:
    seated = Enrollment.objects.filter(section=OuterRef("pk"), role="student", ended_at=None).order_by()
    count = seated.values("section").annotate(n=Count("person", distinct=True)).values("n")
    rows = (
        sections.filter(ended_at=None)
        .annotate(all_terms=terms_of("pk"), seated=Coalesce(Subquery(count, output_field=IntegerField()), 0))
        .order_by("school__name", "title", "id")
        .values_list("id", "uuid", "title", "periods", "school__name", "all_terms", "seated")
    )
    return [
        Class(number, uuid, title, tuple(periods), school, *_term(terms, today), seated)
        for number, uuid, title, periods, school, terms, seated in rows
    ]


def _term(terms: list[dict[str, str]], today: date) -> tuple[str, bool]:
    """The term's title, and whether the class is over. Terms come in the order of their end, which is exclusive."""
    still = [term for term in terms if today < date.fromisoformat(term["end"])]
    return (still or terms[-1:] or [{"title": ""}])[0]["title"], bool(terms) and not still
