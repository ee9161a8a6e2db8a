"""Imports modules of a real code base and says what every name of theirs is bound to.

Reads one request as JSON from standard input, with the folder to import from first on sys.path, and writes one answer.
"same" in the request lists facade, name and home of rewritten names: the answer says which are not one object.
"""

import ctypes
import hashlib
import importlib
import json
import os
import re
import sys
import types
import warnings

PLACE = re.compile(re.escape(os.getcwd()) + r"|(?<=test_)%d(?=_tmp)" % os.getpid())
ADDRESS = re.compile(r" at 0x[0-9a-f]+|\b0x[0-9a-f]{6,}\b")


def describe(value):
    """Says which object a value is, in words that are the same in another process and folder."""
    try:
        return PLACE.sub("", described(value))
    except Exception as e:  # lazy objects raise whatever they like
        return "%s raises %s" % (type(value), type(e).__name__)


def described(value):
    if issubclass(type(value), types.ModuleType):
        return "module " + value.__name__
    kind = type(value).__module__ + "." + type(value).__qualname__
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(module, str) and isinstance(name, str):
        return "%s %s.%s" % (kind, module, name)
    if isinstance(value, (set, frozenset, dict)):
        return "%s of %d" % (kind, len(value))
    text = PLACE.sub("", ADDRESS.sub("", repr(value)))
    if len(text) > 200:
        text = hashlib.sha1(text.encode("utf-8", "replace")).hexdigest()
    return "%s %s" % (kind, text)


class Library:
    """A shared library that has every function, so that django.contrib.gis is imported whether GDAL and GEOS are installed or not."""

    def __init__(self, path):
        pass

    def __getattr__(self, name):
        function = lambda *args: b"3.5.1"
        setattr(self, name, function)
        return function

    __getitem__ = __getattr__


def settle(setup):
    if setup == "django":
        from django.conf import settings

        load = ctypes.CDLL
        ctypes.CDLL = lambda path, *args, **named: (Library if path in ("gdal", "geos") else load)(path, *args, **named)

        apps = "admin auth contenttypes sessions messages sites staticfiles flatpages redirects sitemaps syndication"
        settings.configure(
            INSTALLED_APPS=["django.contrib." + a for a in apps.split()],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            SECRET_KEY="x", SITE_ID=1, ROOT_URLCONF="urls", STATIC_URL="/static/",
            GDAL_LIBRARY_PATH="gdal", GEOS_LIBRARY_PATH="geos",
        )
        import django

        django.setup()


def own(value, module, name):
    return issubclass(type(value), types.ModuleType) and value.__name__ == "%s.%s" % (module, name)


def load(module):
    try:
        loaded = importlib.import_module(module)
    except BaseException as e:
        return {"ok": False, "error": "%s: %s" % (type(e).__name__, e)}
    space = dict(vars(loaded))
    return {"ok": True, "names": {
        n: describe(v) for n, v in space.items()
        if not (n.startswith("__") and n != "__all__") and not own(v, module, n)
    }}


def value_of(home):
    module, _, attribute = home.partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found


def differing(same):
    found = []
    for facade, name, home in same:
        try:
            if getattr(importlib.import_module(facade), name) is not value_of(home):
                found.append("%s.%s is not %s" % (facade, name, home))
        except BaseException as e:
            found.append("%s.%s or %s: %s: %s" % (facade, name, home, type(e).__name__, e))
    return found


def main():
    request = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    out, sys.stdout = sys.stdout, open(os.devnull, "w")
    settle(request.get("setup"))
    modules = {m: load(m) for m in request["modules"]}
    answer = {"modules": modules, "differ": differing(request.get("same") or ())}
    json.dump(answer, out)
    out.flush()
    os._exit(0)


main()
