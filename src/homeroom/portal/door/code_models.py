"""What stands in for a password once, or for a child who has none: printed codes, sign-in cards, proven e-mail addresses. Part of models."""

from django.db import models
from django.db.models.functions import Lower, Now

# wake: makes a sleeping account's sign-in. password: a new one. factors: takes the lost second factor away, with the password.
# address: proves an e-mail address. No kind begins a session that is strong.
CODE_KINDS = ("wake", "password", "factors", "address")
MAIL_KINDS = (
    *("reset", "prove", "changed", "browser", "answered", "challenge", "written", "closed", "overdue", "applied", "lapsed"),
    *("asks", "inspection"),
)


class MailAddress(models.Model):
    """An e-mail address that an account named; recovery goes to it once a code that was mailed there came back."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("door.Account", on_delete=models.CASCADE)
    address = models.TextField()
    language = models.TextField(db_default="en")  # of whoever named it: mails that nobody asks for speak it
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
        indexes = [models.Index(Lower("address"), name="mail_address_proven", condition=models.Q(proven_at__isnull=False, ended_at=None))]  # whose it is


class Code(models.Model):
    """A one-use code. It names a person and a side, since an account may sleep until the code is used."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT)
    side = models.TextField()
    kind = models.TextField()
    digest = models.BinaryField(unique=True)  # letters.code.digest: the code itself is on paper, or in a mail, alone
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    made_by = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, related_name="+")  # none: operator, or a mail
    checked = models.TextField(db_default="")  # how the office saw who it was
    address = models.ForeignKey(MailAddress, null=True, on_delete=models.CASCADE)  # of the kind "address"
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # taken back, or another one was printed

    class Meta:
        db_table = "code"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=CODE_KINDS), name="code_kind_known")]


class Card(models.Model):
    """A student's sign-in card: four words and three digits that its teacher printed."""

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
    """A mail about an account, on its way; the jobs process makes the code that it carries. Without an account: asked for a name nobody has."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("door.Account", null=True, on_delete=models.CASCADE)
    kind = models.TextField()
    address = models.ForeignKey(MailAddress, null=True, on_delete=models.CASCADE)  # none: the account's proven one
    language = models.TextField(db_default="en")
    browser = models.TextField(db_default="")  # of the kind "browser": Firefox, Safari …, and nothing else about the device
    counted = models.IntegerField(db_default=0)  # of the kind "overdue": how many requests
    by_day = models.DateField(null=True)  # of the kind "inspection": the law's last day for an answer
    made_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())  # when it is tried, or tried again
    tries = models.IntegerField(db_default=0)
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(db_default="")

    class Meta:
        db_table = "account_mail"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=MAIL_KINDS), name="account_mail_kind_known")]
