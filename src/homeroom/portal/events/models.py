"""The table of security events. Functions write it, and no login can change or remove a row."""

from django.db import models

from homeroom.portal.events.said import KINDS, RESULTS


class SecurityEvent(models.Model):
    """One event. note_event() (access/telling/acts.sql) writes it. It never has a name, a typed username, a password, or a whole address."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.TextField()
    result = models.TextField()
    # Whose session or account it is. Not constrained: an event outlives its account, except when a student is erased.
    account = models.ForeignKey("door.Account", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    what = models.TextField(db_default="")  # a word of Homeroom's own: a method, a setting, an event of the access log
    address = models.BinaryField(null=True)  # keyed hash of where it came from. Only the front has the key
    device = models.TextField(db_default="")  # "Firefox on Android", as in a list of sessions
    about = models.BigIntegerField(null=True)  # the access log entry, or the file's number
    xid = models.BigIntegerField()  # of the writing transaction: the forwarder sends events in this order, and misses none
    # The session's key, as the access log has it, so that an incident's office can count what one session viewed. No receiver outside gets it.
    session = models.BinaryField(null=True)
    session_before = models.BinaryField(null=True)  # a confirmation gives the session a new key, and this was its old one

    class Meta:
        db_table = "security_event"
        indexes = [
            models.Index(fields=["xid", "id"], name="security_event_xid"),
            models.Index(fields=["kind", "at"], name="security_event_kind"),
            models.Index(fields=["account", "at"], name="security_event_account", condition=models.Q(account__isnull=False)),
            # which sessions came from one address
            models.Index(fields=["address", "at"], name="security_event_address", condition=models.Q(address__isnull=False, session__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="security_event_kind_known"),
            models.CheckConstraint(condition=models.Q(result__in=RESULTS), name="security_event_result_known"),
        ]


class EventForwarded(models.Model):
    """The last event that a receiver outside has."""

    target = models.TextField(primary_key=True)  # syslog, file
    xid = models.BigIntegerField()
    event = models.BigIntegerField()  # its number. Events of one transaction are sent in this order
    at = models.DateTimeField()

    class Meta:
        db_table = "event_forwarded"
        constraints = [models.CheckConstraint(condition=models.Q(target__in=("syslog", "file")), name="event_forwarded_target_known")]
