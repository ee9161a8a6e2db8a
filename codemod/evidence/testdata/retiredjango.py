"""Say what Django makes of the project in the current folder, as one line of JSON.

    state            models, receivers and so on, what `check`, `makemigrations --check` and the tests say
    makemigrations   the migrations that Django would write, by path
    executes MODULE  how many modules of the project importing one executes, with apps ready and no model loaded
"""

import io
import json
import os
import sys
import weakref

import django


def own():
    return sorted(m for m in sys.modules if m.split(".")[0] == "shop")


def say(value):
    print(json.dumps(value))


def name(receiver):
    receiver = receiver() if isinstance(receiver, weakref.ReferenceType) else receiver
    return f"{receiver.__module__}.{receiver.__qualname__}"


def receivers():
    from django.db.models import signals

    found = []
    for signal in ("pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_migrate", "post_migrate"):
        for key, receiver in getattr(signals, signal).receivers:
            found.append(signal + " " + name(receiver))
    return [r for r in found if " shop." in r]


def migrations():
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None, ignore_no_migrations=True)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    operations = [type(o).__name__ for m in changes.get("shop", []) for o in m.operations]
    deleted = operations.count("DeleteModel")
    if deleted:
        return f"{deleted} models would be deleted"
    return ", ".join(operations)


def tests():
    from django.test.utils import get_runner
    from django.conf import settings

    sys.stderr, kept = io.StringIO(), sys.stderr
    try:
        runner = get_runner(settings)(verbosity=0)
        suite = runner.build_suite(["shop"])
        count = suite.countTestCases()
        databases = runner.setup_databases()
        result = runner.run_suite(suite)
        runner.teardown_databases(databases)
        bad = [str(t) for t, _ in result.failures + result.errors]
        return "; ".join(bad) or f"{count} passed"
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    finally:
        sys.stderr = kept


def state():
    out = {"SetUp": "", "Check": "", "Migrations": "", "Tests": "", "Models": {}, "Receivers": [], "Plugins": [], "Admin": [], "Loaded": 0}
    try:
        django.setup()
    except Exception as e:
        out["SetUp"] = f"{type(e).__name__}: {e}"
        return out
    from django.apps import apps
    from django.contrib import admin
    from django.core.checks import run_checks

    out["Loaded"] = len(own())
    for model in apps.get_app_config("shop").get_models():
        out["Models"][model._meta.label] = sorted(f"{f.name} {type(f).__name__}" for f in model._meta.get_fields())
    out["Receivers"] = receivers()
    out["Plugins"] = list(sys.modules["shop.hooks"].PLUGINS) if "shop.hooks" in sys.modules else []
    out["Admin"] = sorted(m._meta.label for m in admin.site._registry)
    out["Check"] = ", ".join(sorted({m.id for m in run_checks() if m.is_serious()}))
    try:
        out["Migrations"] = migrations()
    except Exception as e:
        out["Migrations"] = f"{type(e).__name__}: {e}"
    out["Tests"] = tests()
    return out


def make():
    django.setup()
    from django.core.management import call_command

    os.makedirs("shop/migrations", exist_ok=True)
    open("shop/migrations/__init__.py", "w").close()
    call_command("makemigrations", "shop", verbosity=0)
    made = {}
    for file in sorted(os.listdir("shop/migrations")):
        if file.endswith(".py"):
            with open("shop/migrations/" + file) as f:
                made["shop/migrations/" + file] = f.read()
    return made


def executes(module):
    from django.apps import AppConfig, apps
    from django.conf import settings

    for entry in settings.INSTALLED_APPS:
        config = AppConfig.create(entry)
        config.apps = apps
        apps.app_configs[config.label] = config
    apps.apps_ready = True
    __import__(module)
    return len(own())


sys.path.insert(0, os.getcwd())
if sys.argv[1] == "state":
    say(state())
elif sys.argv[1] == "makemigrations":
    say(make())
else:
    say(executes(sys.argv[2]))
