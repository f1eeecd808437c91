"""Tables of what replaces a password once, or for a child without one: printed codes, sign-in cards and verified emails. Part of models."""

from django.db import models
from django.db.models.functions import Lower, Now

# wake: opens a sleeping account. password: sets a new password. factors: removes a lost second factor, together with the password.
# address: verifies an email. No kind begins a strong session.
CODE_KINDS = ("wake", "password", "factors", "address")
MAIL_KINDS = (
    *("reset", "prove", "changed", "browser", "answered", "challenge", "written", "closed", "overdue", "applied", "lapsed"),
    *("asks", "inspection", "factor", "many viewed", "limit reached", "limit of another"),
    *("scores changed", "weekly views", "incident overdue", "signer revoked"),
)


class MailAddress(models.Model):
    """An email that an account named. It can be used for recovery after a code that was sent there came back."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("door.Account", on_delete=models.CASCADE)
    address = models.TextField()
    language = models.TextField(db_default="en")  # of the person who named it, for emails that no one asked for
    asked_at = models.DateTimeField(db_default=Now())
    proven_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "mail_address"
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(proven_at__isnull=False, ended_at=None), name="mail_address_one_proven"
            )
        ]
        indexes = [models.Index(Lower("address"), name="mail_address_proven", condition=models.Q(proven_at__isnull=False, ended_at=None))]  # finds whose it is


class Code(models.Model):
    """A one-use code. It names a person and a side, because an account may sleep until the code is used."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT)
    side = models.TextField()
    kind = models.TextField()
    digest = models.BinaryField(unique=True)  # letters.code.digest. The code itself is only on paper or in an email
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    opens_at = models.DateTimeField(null=True)  # an emailed one, typed in a browser that is new to the account: it works there from then on
    made_by = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, related_name="+")  # none: the operator, or an email
    checked = models.TextField(db_default="")  # how the office checked who it was
    address = models.ForeignKey(MailAddress, null=True, on_delete=models.CASCADE)  # for the kind "address"
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # revoked, or another one was printed

    class Meta:
        db_table = "code"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=CODE_KINDS), name="code_kind_known")]


class Card(models.Model):
    """A student's sign-in card: words and three digits that a teacher printed."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT)
    section = models.ForeignKey("roster.Section", on_delete=models.PROTECT)  # the class it was printed for
    digest = models.BinaryField(unique=True)  # letters.card.digest
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "card"
        constraints = [models.UniqueConstraint(fields=["person"], condition=models.Q(ended_at=None), name="card_one_works")]


class AccountMail(models.Model):
    """An email about an account that is waiting to be sent. The jobs process makes its code. It has no account if someone asked for a username that
    no one has."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("door.Account", null=True, on_delete=models.CASCADE)
    kind = models.TextField()
    address = models.ForeignKey(MailAddress, null=True, on_delete=models.CASCADE)  # none: the account's verified one
    language = models.TextField(db_default="en")
    browser = models.TextField(db_default="")  # for the kind "browser": Firefox, Safari …, and nothing else about the device
    counted = models.IntegerField(db_default=0)  # for the kind "overdue": the number of requests
    by_day = models.DateField(null=True)  # for the kind "inspection": the last day for an answer by law
    made_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())  # time of the first or the next try
    tries = models.IntegerField(db_default=0)
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(db_default="")

    class Meta:
        db_table = "account_mail"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=MAIL_KINDS), name="account_mail_kind_known")]
