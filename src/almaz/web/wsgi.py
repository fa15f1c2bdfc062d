"""The application that a web server calls."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "almaz.web.settings")
application = get_wsgi_application()
gc.collect()
gc.freeze()  # what is loaded once is not looked through again and again: such looks are pauses of a tenth of a second
