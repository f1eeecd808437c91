"""Accounts and their credentials. The door alone reads them; nothing here is about a student's record."""

import uuid

from django.db import models
from django.db.models.functions import Now

SIDES = ("family", "staff", "student")


class Account(models.Model):
    """One sign-in of one person on one side: a teacher who is a mother has two."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT)
    side = models.TextField(choices=[(side, side) for side in SIDES])
    sign_in_name = models.TextField(unique=True)  # folded: see hashing.folded
    is_active = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "account"
        constraints = [
            models.UniqueConstraint(fields=["person", "side"], name="account_one_a_side"),
            models.CheckConstraint(condition=models.Q(side__in=SIDES), name="account_side_known"),
        ]


class Credential(models.Model):
    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE)
    password = models.TextField()  # Argon2id, PHC string
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "credential"


class Try(models.Model):
    """Sign-in tries of the last hour, by account name and by address, both as keyed hashes."""

    id = models.BigAutoField(primary_key=True)
    of = models.BinaryField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "sign_in_try"
        indexes = [models.Index(fields=["of", "at"], name="sign_in_try_of_at")]


class Step(models.Model):
    """Where a sign-in stands between two pages (steps.py). key = SHA-256 of the token in the browser's cookie."""

    key = models.BinaryField(primary_key=True)
    kind = models.TextField()
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE)  # none: nobody has said yet who it is
    state = models.JSONField(default=dict)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "sign_in_step"
        indexes = [models.Index(fields=["expires_at"], name="sign_in_step_expires_at")]
