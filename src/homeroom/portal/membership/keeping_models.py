"""A student for whom the district lets no parent account be, for a time."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

CLOSED_FOR = ("child protection", "court order", "safety")


class ClosedToParents(models.Model):
    """No parent accounts: parents' ties stay as they are and open nothing, and none is added. The student's own account is not touched."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    basis = models.TextField()
    words = models.TextField()  # what the family reads, as the office wrote it
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # who proposed it; a second agreed

    class Meta:
        db_table = "closed_to_parents"
        constraints = [
            models.UniqueConstraint(fields=["student"], condition=models.Q(ended_at=None), name="closed_to_parents_once"),
            models.CheckConstraint(condition=models.Q(basis__in=CLOSED_FOR), name="closed_to_parents_basis_known"),
        ]
