"""That the portal was restored from a backup, and what was done anew after it. The operator's command writes both."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

# applied: it was done anew. already: the backup had it. unknown: whom or what it is about is not in the backup. by hand: nothing of ours can do it anew.
OUTCOMES = ("applied", "already", "unknown", "by hand")


class Restoration(models.Model):
    """The portal as a backup had it. Until two people confirmed the newest one, nobody but them and their like signs in."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    restored_at = models.DateTimeField(db_default=Now())
    snapshot_at = models.DateTimeField()  # when the backup was taken
    number = models.IntegerField()  # of the backup
    missing_notes = models.IntegerField()  # notes that were numbered and never arrived: what narrowed access then is not here
    confirmed_at = models.DateTimeField(null=True)
    links = models.BigIntegerField(null=True)  # of the access log's chain in the backup; None for a restore by an earlier release

    class Meta:
        db_table = "restoration"
        constraints = [models.CheckConstraint(condition=models.Q(missing_notes__gte=0), name="restoration_missing_counted")]


class RestorationLine(models.Model):
    """One note of what narrowed access after the backup was taken, and what became of it."""

    id = models.AutoField(primary_key=True)
    restoration = models.ForeignKey(Restoration, on_delete=models.CASCADE)
    position = models.IntegerField()
    at = models.DateTimeField()  # when it was done first
    kind = models.TextField()
    # Whom it narrowed, and about which student; unchecked, since an erasure or an import that is taken back removes people.
    person = models.ForeignKey(Person, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    student = models.ForeignKey(Person, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    outcome = models.TextField()
    told = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # person, student, what: in words, for who is not in the backup

    class Meta:
        db_table = "restoration_line"
        constraints = [
            models.UniqueConstraint(fields=["restoration", "position"], name="restoration_line_place"),
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="restoration_line_outcome_known"),
        ]
