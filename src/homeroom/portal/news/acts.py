"""The acts about news."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

READ_NEWS = act("news", _("Read what one’s school publishes"), Risk.NONE, "family, student, staff", by_card=True)
PUBLISH_NEWS = act("publishing", _("Publish school news, and take it down"), Risk.OFFICE, "administrator, principal")
