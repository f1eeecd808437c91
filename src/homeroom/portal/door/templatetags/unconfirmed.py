"""{% load unconfirmed %}: what the door's pages ask about a portal that was restored."""

from django import template

from homeroom.portal.door.unconfirmed import unconfirmed_since

register = template.Library()
register.simple_tag(unconfirmed_since)
