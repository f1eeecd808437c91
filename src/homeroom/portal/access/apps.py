"""Setup that runs once per process, before its first connection."""

from django.apps import AppConfig
from django.contrib.postgres.signals import register_type_handlers
from django.db.backends.signals import connection_created


class Access(AppConfig):
    name = "homeroom.portal.access"

    def ready(self) -> None:
        # The handler asks for the types hstore and citext, which no table here has. django.contrib.postgres is in INSTALLED_APPS for
        # arrays.
        connection_created.disconnect(register_type_handlers)
