"""{% load shut %}: what the door's pages ask about a portal that was restored."""

from django import template

from homeroom.portal.door.shut import shut_since

register = template.Library()
register.simple_tag(shut_since)
