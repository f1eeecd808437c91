"""The WSGI application of web and of door. HOMEROOM_LOGIN decides which (settings.ROOT_URLCONF). The web process also serves fixed files."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from homeroom.portal.fixed import with_fixed

application = with_fixed(get_wsgi_application(), settings.STATIC_FOLDER, settings.STATIC_URL)
