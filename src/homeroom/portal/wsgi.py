"""The WSGI application of web and of door; HOMEROOM_LOGIN decides which (settings.ROOT_URLCONF)."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
