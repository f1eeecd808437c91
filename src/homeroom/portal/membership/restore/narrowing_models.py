"""Acts that take access away, noted outside the database as sealed notes. Part of models. The rules are in access/telling."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class Narrowing(models.Model):
    """One act. `said` has what a replay needs on a restored database. It uses only keys that both databases have, and no serial number of this one."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)  # shows a restored database that it already has the act
    at = models.DateTimeField(db_default=Now())
    kind = models.TextField()
    said = models.JSONField()
    number = models.BigIntegerField(null=True, unique=True)  # the next number, once the note is on its way. A gap in the numbers shows a lost note
    sealed_at = models.DateTimeField(null=True)  # when its file was on disk

    class Meta:
        db_table = "narrowing"
        indexes = [models.Index(fields=["id"], condition=models.Q(sealed_at=None), name="narrowing_unsealed")]
