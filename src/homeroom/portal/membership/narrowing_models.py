"""What takes access away outlives the disk: each such act, on its way to the vault as a sealed note. Part of models; the rules are in access/telling."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class Narrowing(models.Model):
    """One act. said: what a replay needs on a database that was restored from before it, by keys that stand on both sides, and no serial number of ours."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)  # by which a restored database knows an act that it has already
    at = models.DateTimeField(db_default=Now())
    kind = models.TextField()
    said = models.JSONField()
    number = models.BigIntegerField(null=True, unique=True)  # the next one, once it is on its way: of numbers without a gap a lost note shows
    sealed_at = models.DateTimeField(null=True)  # its file is on the disk

    class Meta:
        db_table = "narrowing"
        indexes = [models.Index(fields=["id"], condition=models.Q(sealed_at=None), name="narrowing_unsealed")]
