# SPDX-License-Identifier: MIT
"""The same views as in cloakroom_side/views.hpp, of the same names: each takes a JSON object and answers with one."""

import datetime
import json
import pathlib
import time

from django.contrib import auth
from django.http import JsonResponse
from django.urls import path


def meet(body):
    """Lets the test do something on the other side at this point."""
    if "reached" not in body:
        return
    pathlib.Path(body["reached"]).write_text("reached\n", encoding="ascii")
    until = pathlib.Path(body["until"])
    end = time.monotonic() + 30
    while not until.exists():
        assert time.monotonic() < end, f"nobody made {until}"
        time.sleep(0.002)


def name_of(user):
    return {"user": user.username if user is not None and user.is_authenticated else None}


def nothing(request, body):
    return {}


def read(request, body):
    items = dict(request.session.items())
    meet(body)
    return {"items": items}


def set_(request, body):
    request.session.items()
    meet(body)
    for key, value in body["items"].items():
        request.session[key] = value
    return {}


def nest(request, body):
    request.session[body["name"]][body["inner"]] = body["value"]
    request.session.modified = True
    return {}


def add(request, body):
    request.session.items()
    meet(body)
    request.session[body["name"]] = request.session.get(body["name"], 0) + body["by"]
    return {}


def delete(request, body):
    was_there = body["name"] in request.session
    if was_there:
        del request.session[body["name"]]
    return {"was_there": was_there}


def clear(request, body):
    request.session.clear()
    return {}


def cycle_key(request, body):
    request.session.cycle_key()
    return {}


def flush(request, body):
    request.session.flush()
    return {}


def set_expiry(request, body):
    if "seconds" in body:
        request.session.set_expiry(body["seconds"])
    elif "moment" in body:
        request.session.set_expiry(datetime.datetime.fromisoformat(body["moment"]))
    elif "browser_close" in body:
        request.session.set_expiry(0)
    else:
        request.session.set_expiry(None)
    return {}


def expiry(request, body):
    return {"age": request.session.get_expiry_age(), "browser_close": request.session.get_expire_at_browser_close()}


def login(request, body):
    user = auth.authenticate(request, username=body["name"], password=body["password"])
    if user is not None:
        auth.login(request, user)
    return name_of(user)


def logout(request, body):
    auth.logout(request)
    return {}


def whoami(request, body):
    return name_of(request.user)


def set_password(request, body):
    if request.user.is_authenticated:
        request.user.set_password(body["password"])
        request.user.save()
        auth.update_session_auth_hash(request, request.user)
    return name_of(request.user)


def create_user(request, body):
    auth.get_user_model().objects.create_user(body["name"], password=body["password"])
    return {}


def answering(view):
    return lambda request: JsonResponse(view(request, json.loads(request.body)))


urlpatterns = [path(f"{view.__name__.rstrip('_')}/", answering(view))
               for view in (nothing, read, set_, nest, add, delete, clear, cycle_key, flush, set_expiry, expiry, login,
                            logout, whoami, set_password, create_user)]
