"""A restoration from a backup, and what was repeated after it. The operator's command writes both."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

# applied: repeated. already: was in the backup. unknown: the person or object isn't in the backup. by hand: Homeroom can't repeat it.
OUTCOMES = ("applied", "already", "unknown", "by hand")


class Restoration(models.Model):
    """The portal was restored from a backup. Until two approvers confirm the newest one, only such approvers can sign in."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    restored_at = models.DateTimeField(db_default=Now())
    snapshot_at = models.DateTimeField()  # when the backup was taken
    number = models.IntegerField()  # of the backup
    missing_notes = models.IntegerField()  # numbered notes that never arrived. The access they took away is open again
    confirmed_at = models.DateTimeField(null=True)
    links = models.BigIntegerField(null=True)  # length of the access log's chain in the backup. None for a restore by an earlier release

    class Meta:
        db_table = "restoration"
        constraints = [models.CheckConstraint(condition=models.Q(missing_notes__gte=0), name="restoration_missing_counted")]


class RestorationLine(models.Model):
    """One note of access taken away after the backup, and its result."""

    id = models.AutoField(primary_key=True)
    restoration = models.ForeignKey(Restoration, on_delete=models.CASCADE)
    position = models.IntegerField()
    at = models.DateTimeField()  # when it was done the first time
    kind = models.TextField()
    # Who lost access, and to which student. Unchecked, because an erasure or an undo of an import removes people.
    person = models.ForeignKey(Person, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    student = models.ForeignKey(Person, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    outcome = models.TextField()
    told = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # person, student, what: words for anyone who isn't in the backup

    class Meta:
        db_table = "restoration_line"
        constraints = [
            models.UniqueConstraint(fields=["restoration", "position"], name="restoration_line_place"),
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="restoration_line_outcome_known"),
        ]
