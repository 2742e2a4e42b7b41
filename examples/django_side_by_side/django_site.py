# SPDX-License-Identifier: MIT
"""A Django site of one file. Who logs in here is known to the C++ service beside it, in the same session.

    SITE_DATABASE=site.sqlite3 python3 django_site.py migrate|createsuperuser|runserver ...
"""

import os
import pathlib
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import path

database = pathlib.Path(os.environ["SITE_DATABASE"])
service = os.environ.get("SITE_SERVICE", "http://127.0.0.1:8001/")

# [settings]
SHARED_WITH_THE_SERVICE = {
    "SECRET_KEY": pathlib.Path(f"{database}.key").read_text(encoding="utf-8").rstrip("\n"),
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database, "OPTIONS": {"timeout": 20}}},
    "SESSION_ENGINE": "django.contrib.sessions.backends.db",
    "SESSION_SERIALIZER": "django.contrib.sessions.serializers.JSONSerializer",
    "SESSION_COOKIE_NAME": "sessionid",
    "SESSION_COOKIE_AGE": 1_209_600,
    "USE_TZ": True,
}
# [/settings]

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<title>Django</title><h1>Django</h1>
{% if form %}
<form method="post">{% csrf_token %}{{ form.as_p }}<button>Log in</button></form>
{% else %}
<p>Hello, {% firstof user.username "stranger" %}. Visits in this session: {{ request.session.visit }}.</p>
{% if user.is_authenticated %}
<form method="post" action="/logout/">{% csrf_token %}<button>Log out</button></form>
{% else %}
<p><a href="/login/">Log in</a></p>
{% endif %}
<p><a href="{{ service }}">The same session in C++</a></p>
{% endif %}
</html>"""

settings.configure(
    **SHARED_WITH_THE_SERVICE,
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    LOGIN_REDIRECT_URL="/",
    LOGOUT_REDIRECT_URL="/",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",  # refuses other hosts than ALLOWED_HOSTS
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request",
                                   "django.contrib.auth.context_processors.auth"],
            "loaders": [("django.template.loaders.locmem.Loader", {"registration/login.html": PAGE})],
        },
    }],
)
django.setup()

from django.contrib.auth import views  # noqa: E402 - needs the settings


# [visit]
def home(request):
    request.session["visit"] = request.session.get("visit", 0) + 1
    return HttpResponse(Template(PAGE).render(RequestContext(request, {"user": request.user, "service": service})))
# [/visit]


urlpatterns = [
    path("", home),
    path("login/", views.LoginView.as_view()),
    path("logout/", views.LogoutView.as_view()),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
