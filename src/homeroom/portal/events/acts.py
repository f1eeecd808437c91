"""The act about security events."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

SEE_LIMITS = act("viewing limits", _("See who viewed unusually many people, and raise a limit for a day"), Risk.OFFICE, "administrator")
SEE_EVENTS = act("security events", _("Read security events: sign-ins, and changes that matter for security"), Risk.OFFICE, "administrator")
