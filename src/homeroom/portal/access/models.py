"""The district's own settings, and the sessions that say who is asking."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

REGISTERING = ("closed", "approve first", "limited first", "in person")
TUTORS = ("off", "on", "with grades")
PREFERRED_NAMES = ("off", "staff", "everyone")
ROLLOVER_DAYS = timedelta(days=92)  # longest rollover that can be announced


def usual_grade_categories() -> list[str]:
    return ["Term Grade", "Final Grade", "Class Grade", "Quarter Grade", "Semester Grade", "Progress Grade"]


class District(models.Model):
    """One row with what this district chose."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    time_zone = models.TextField(default="UTC")  # whose midnight begins and ends access
    estimates = models.BooleanField(db_default=False)  # show an estimate from the scores if the file has no grade
    registering = models.TextField(db_default="approve first")  # how parents who register on their own get access
    registering_students = models.TextField(db_default="approve first")  # the same for students. closed: only cards and printed codes
    code_approves = models.BooleanField(db_default=False)  # a letter's code approves immediately, with the record's own address
    letters_by_child = models.BooleanField(db_default=False)  # a letter may go home with the child
    tutors = models.TextField(db_default="off")  # whether tutors apply, and whether a family may choose grades for one
    preferred_names = models.TextField(db_default="off")  # who sees preferred names. off: files' preferred names are not read
    # Categories of directory information that the district adopted (34 CFR 99.37, Ed. Code 49073). None as delivered.
    directory_name = models.BooleanField(db_default=False)
    directory_birth_date = models.BooleanField(db_default=False)
    directory_email = models.BooleanField(db_default=False)
    directory_phone = models.BooleanField(db_default=False)
    directory_attendance_dates = models.BooleanField(db_default=False)
    leaving_days = models.SmallIntegerField(db_default=60)  # number of days that families and a student who left keep access
    teachers_see_school = models.BooleanField(db_default=False)
    grade_categories = ArrayField(
        models.TextField(), default=usual_grade_categories
    )  # titles of categories whose results are class grades
    nightly_by = models.TimeField(null=True)  # local time by which the nightly file is expected
    nightly_weekends = models.BooleanField(db_default=False)  # also expect a file on Saturday and Sunday
    tolerances = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))  # formats.tolerances
    preview = models.BooleanField(db_default=False)  # every file is held until someone has viewed what it would change
    rollover_from = models.DateField(null=True)  # from this day whole classes and grade levels may change together
    rollover_until = models.DateField(null=True)  # the last day of it
    it_mail = models.TextField(db_default="")  # where the import reports go
    board_mail = models.TextField(db_default="")  # where the board is notified of acts that need a second approval
    limits = models.JSONField(default=dict)  # thresholds of judging.decide that differ from the defaults
    event_days = models.SmallIntegerField(db_default=396)  # number of days that security events are kept: 13 months
    event_base = models.BigIntegerField(db_default=0)  # added to the numbers of transactions of security events, so that a restore keeps their order
    cap_ends_session = models.BooleanField(db_default=False)  # a session that reaches the viewing limit ends
    scores_told = models.BigIntegerField(db_default=0)  # the last result_change that teachers were emailed about
    scores_told_on = models.DateField(null=True)  # the day of those emails
    caps = models.JSONField(default=dict)  # by capacity: records an hour of families and students, people a day of staff, if not as in access/request

    class Meta:
        db_table = "district"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="district_is_one"),
            models.CheckConstraint(condition=models.Q(registering__in=REGISTERING), name="district_registering_known"),
            models.CheckConstraint(condition=models.Q(registering_students__in=REGISTERING), name="district_registering_students_known"),
            models.CheckConstraint(condition=models.Q(tutors__in=TUTORS), name="district_tutors_known"),
            models.CheckConstraint(condition=models.Q(preferred_names__in=PREFERRED_NAMES), name="district_preferred_names_known"),
            models.CheckConstraint(condition=models.Q(leaving_days__gte=30, leaving_days__lte=365), name="district_leaving_days_bounded"),
            models.CheckConstraint(condition=models.Q(event_days__gte=90, event_days__lte=3660), name="district_event_days_bounded"),
            # During a rollover an emptied school doesn't put a file on hold. A window that no one closes would turn that check off
            # permanently.
            models.CheckConstraint(
                condition=models.Q(rollover_from=None, rollover_until=None)
                | models.Q(
                    rollover_from__isnull=False,
                    rollover_until__isnull=False,
                    rollover_until__gte=models.F("rollover_from"),
                    rollover_until__lt=models.F("rollover_from") + ROLLOVER_DAYS,
                ),
                name="district_rollover_short",
            ),
        ]


class Session(models.Model):
    """One sign-in. `key` is the SHA-256 of the SHA-256 of the cookie's token, so that no cookie can be made from this table or a log."""

    key = models.BinaryField(primary_key=True)
    account = models.ForeignKey("door.Account", on_delete=models.CASCADE)
    person = models.ForeignKey("roster.Person", on_delete=models.CASCADE)
    side = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    idle_limit = models.DurationField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    previous_visit_at = models.DateTimeField(null=True)  # for "new since your last visit"
    method = models.TextField(db_default="password")  # the first factor: password, passkey, card or code
    is_strong = models.BooleanField(db_default=False)  # signed in with a passkey or a second factor: AAL2
    proven_at = models.DateTimeField(db_default=Now())  # the last proof, for acts that ask again after 10 minutes
    device = models.TextField(db_default="")  # "Firefox on Android": shown only to the account's owner
    is_own_device = models.BooleanField(db_default=False)
    has_news = models.BooleanField(db_default=False)  # the next page shows an update about the account

    class Meta:
        db_table = "session"


class Opening(models.Model):
    """The records that one view opened, for 30 s. Policies read it, so that reach is not worked out for each statement. Unlogged. Only access/request
    writes it."""

    entry = models.OneToOneField("audit.Entry", primary_key=True, on_delete=models.CASCADE, db_constraint=False)
    session_key = models.BinaryField()
    person_id = models.IntegerField()
    xid = models.BigIntegerField()  # of the view, whose own transaction can't use it
    seen = models.TextField()  # pg_snapshot of the view. A Closing that it could not see revokes it
    until = models.DateTimeField()
    section_id = models.IntegerField(null=True)  # for a view of one class's gradebook
    grades = ArrayField(models.IntegerField())  # students whose record of this kind is open
    attendance = ArrayField(models.IntegerField())
    contacts = ArrayField(models.IntegerField())
    birth_date = ArrayField(models.IntegerField())
    ledger = ArrayField(models.IntegerField())
    changes = ArrayField(models.IntegerField(), default=list, db_default=models.Value([], ArrayField(models.IntegerField())))
    people = ArrayField(models.IntegerField())  # own children, or the student who views their own record
    names = ArrayField(models.IntegerField())
    aliases = ArrayField(models.IntegerField(), default=list, db_default=models.Value([], ArrayField(models.IntegerField())))  # masked from the reader
    sections = ArrayField(models.IntegerField())
    act = models.TextField(null=True)  # for a list: which one, and the students of its page in their order
    listed = ArrayField(models.IntegerField(), null=True)

    class Meta:
        db_table = "opening"
        indexes = [models.Index(fields=["session_key", "until"], name="opening_session_until")]


class Closing(models.Model):
    """A change of a person's tie, restriction, duty or office. It closes everything that earlier views opened. Unlogged, kept for a day."""

    id = models.BigAutoField(primary_key=True)
    person_id = models.IntegerField()
    xid = models.BigIntegerField()  # of the change, compared with Opening.seen
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "closing"
        indexes = [models.Index(fields=["person_id"], name="closing_person")]
