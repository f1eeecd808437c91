"""Accounts and their credentials. Only functions of the door read them. Nothing here is about a student's record."""

import uuid

from django.db import models
from django.db.models.functions import Now

from homeroom.portal.door.code_models import AccountMail as AccountMail
from homeroom.portal.door.code_models import Card as Card
from homeroom.portal.door.code_models import Code as Code
from homeroom.portal.door.code_models import MailAddress as MailAddress

SIDES = ("family", "staff", "student")
type Key = bytes | memoryview[int]  # of a session or a step, as its table has it


class Account(models.Model):
    """One account of one person on one side. A teacher who is a parent has two."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT)
    side = models.TextField(choices=[(side, side) for side in SIDES])
    sign_in_name = models.TextField(unique=True)  # folded: see hashing.folded
    is_active = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now())
    factor_offered_at = models.DateTimeField(null=True)  # a family's second factor, after signing in

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
    is_long = models.BooleanField(db_default=True)  # enough without a second factor: 15 characters

    class Meta:
        db_table = "credential"


class Notice(models.Model):
    """Something that happened to an account, which its next page shows. access/telling/acts.sql writes it and has the list of kinds."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    what = models.TextField()  # a kind, never a sentence: news.py has the words
    at = models.DateTimeField(db_default=Now())
    in_session = models.BinaryField(null=True)  # the session in which it happened, if any: viewing it there doesn't mark it as read
    shown_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "account_notice"


class KnownBrowser(models.Model):
    """A browser from which this account has signed in, by a hash of its cookie and the username."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    key = models.BinaryField(unique=True)
    last_at = models.DateTimeField(db_default=Now())
    by_card = models.BooleanField(db_default=False)  # only with a sign-in card, so not one of the owner's

    class Meta:
        db_table = "known_browser"


class Try(models.Model):
    """Tries to sign in during the last hour, by username, by address and by both, as keyed hashes."""

    id = models.BigAutoField(primary_key=True)
    of = models.BinaryField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "sign_in_try"
        indexes = [models.Index(fields=["of", "at"], name="sign_in_try_of_at")]


class WrongPassword(models.Model):
    """Wrong passwords since the last right one, by username, once from browsers that the account knows and once from others. A new
    password ends the row."""

    of = models.BinaryField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)  # None: no one has that username
    tries = models.SmallIntegerField(db_default=1)
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "wrong_password"


class Step(models.Model):
    """The state of a sign-in between two pages (steps.py). key = SHA-256 of the token in the browser's cookie."""

    key = models.BinaryField(primary_key=True)
    kind = models.TextField()
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE)  # none: no one is identified yet
    state = models.JSONField(default=dict)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "sign_in_step"
        indexes = [models.Index(fields=["expires_at"], name="sign_in_step_expires_at")]


class Passkey(models.Model):
    """A passkey or a hardware key (WebAuthn). Nothing here is secret: the private key never leaves the device."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    name = models.TextField()  # the name that its owner gave it
    credential_id = models.BinaryField(unique=True)
    attested = models.BinaryField()  # attested credential data: the public key with its id, as the device gave it
    sign_count = models.BigIntegerField()  # at the last use. One that doesn't grow was copied. 0: the device doesn't count
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey"


class Authenticator(models.Model):
    """An app that shows six digits (TOTP, RFC 6238)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    name = models.TextField()
    secret = models.BinaryField()  # sealed with a key that only the door reads: secrecy.py
    last_step = models.BigIntegerField(db_default=0)  # a step of 30 seconds is accepted once
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "authenticator"


class RecoveryCode(models.Model):
    """One of ten codes, shown once. Only a keyed hash is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    hash = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        constraints = [models.UniqueConstraint(fields=["account", "hash"], name="recovery_code_once")]
