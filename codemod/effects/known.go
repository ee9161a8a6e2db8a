package effects

import (
	"slices"
	"strings"
)

// base is a class whose subclasses something keeps track of.
type base struct {
	name string
	kind Kind
}

// bases are those of libraries, by their dotted names.
var bases = []base{
	{"django.db.models.Model", DjangoModel},
	{"django.db.models.base.Model", DjangoModel},
	{"django.contrib.gis.db.models.Model", DjangoModel},
	{"django.contrib.auth.models.AbstractUser", DjangoModel},
	{"django.contrib.auth.models.AbstractBaseUser", DjangoModel},
	{"django.contrib.auth.models.PermissionsMixin", DjangoModel},
	{"django.contrib.auth.base_user.AbstractBaseUser", DjangoModel},
	{"sqlalchemy.orm.DeclarativeBase", SQLAlchemy}, // https://docs.sqlalchemy.org/en/20/orm/declarative_styles.html
	{"sqlalchemy.orm.DeclarativeBaseNoMeta", SQLAlchemy},
	{"sqlmodel.SQLModel", SQLAlchemy},
	{"celery.Task", Task}, // a bound task registers when its class is made, below Celery 4
	{"celery.app.task.Task", Task},
	{"peewee.Model", Subclass},
	{"mongoengine.Document", Subclass},
	{"mongoengine.EmbeddedDocument", Subclass},
	{"mongoengine.DynamicDocument", Subclass},
	{"odoo.models.Model", Subclass},
	{"odoo.models.TransientModel", Subclass},
	{"odoo.models.AbstractModel", Subclass},
}

func knownBase(o object) (Kind, bool) {
	for _, b := range bases {
		if o.dotted == b.name {
			return b.kind, true
		}
	}
	return "", false
}

// makes says whether subclassing what a call of an object gave, or an attribute
// of that, is tracked.
func makes(of object, rest []string) Kind {
	called := len(of.rest) > 0 && strings.HasPrefix(of.rest[0], "(") || of.dotted != "" && len(of.rest) > 0 && strings.HasSuffix(of.rest[len(of.rest)-1], "()")
	switch {
	case !called:
	case slices.Contains([]string{"declarative_base", "automap_base", "as_declarative", "generate_base"}, of.last()) && len(rest) == 0:
		return SQLAlchemy
	case of.last() == "SQLAlchemy" && len(rest) == 1 && rest[0] == "Model":
		return SQLAlchemy
	}
	return ""
}

// registrars are decorators and callees that register, by the last part of
// their names.
var registrars = map[string]Kind{
	"receiver": Receiver, "connect": Receiver, "connect_via": Receiver, "listens_for": Receiver, "listen": Receiver, "subscribe": Receiver,
	"shared_task": Task, "task": Task, "periodic_task": Task, "instrumented_task": Task, "on_after_configure": Task, "job": Task, "actor": Task,
	"register": Registers, "register_model": DjangoModel,
}

// tables are calls that register what they make, by their dotted names.
var tables = map[string]Kind{
	"sqlalchemy.Table": SQLAlchemy, "sqlalchemy.schema.Table": SQLAlchemy,
	"sqlalchemy.event.listen": Receiver, "sqlalchemy.event.listens_for": Receiver,
	"django.contrib.admin.register": Admin, "django.contrib.admin.site.register": Admin, "django.contrib.admin.sites.register": Admin,
	"django.contrib.admin.decorators.register": Admin, "django.contrib.admin.sites.site.register": Admin,
}

// known says what a decorator or callee that is known by its name does.
func known(o object) (kind Kind, ok bool) {
	if kind, ok = tables[o.dotted]; ok {
		return kind, true
	}
	if strings.HasPrefix(o.dotted, "builtins.") && len(o.rest) == 0 {
		return "", slices.Contains(pureBuiltins, o.home.Attr)
	}
	kind, ok = registrars[o.last()]
	return kind, ok
}

// pureBuiltins are those that have no effect as a decorator or a callee.
var pureBuiltins = []string{"property", "classmethod", "staticmethod", "print", "super", "type", "isinstance", "issubclass", "len", "repr", "str", "int", "bool", "globals", "locals", "vars"}

// pureBelow are modules whose decorators and functions register nothing.
var pureBelow = []string{
	"typing.", "typing_extensions.", "functools.", "contextlib.", "dataclasses.", "abc.", "enum.", "warnings.", "logging.", "collections.",
	"operator.", "itertools.", "types.", "attr.", "attrs.", "click.", "pytest.", "unittest.", "mock.", "hypothesis.", "numba.", "cachetools.", "tenacity.",
	"pydantic.", "sqlalchemy.orm.validates", "sqlalchemy.orm.reconstructor", "sqlalchemy.ext.hybrid.", "sqlalchemy.ext.declarative.declared_attr",
	"sqlalchemy.orm.declared_attr", "django.utils.", "django.views.decorators.", "django.db.transaction.", "django.contrib.auth.decorators.",
	"django.contrib.admin.display", "django.contrib.admin.action", "django.test.", "rest_framework.decorators.", "drf_spectacular.utils.extend_schema",
	"freezegun.", "responses.activate", "pytest_django.", "gettext.",
}

// pureLast are the last parts of names that have no effect, whatever is before:
// methods of properties, and what is called so everywhere.
var pureLast = []string{
	"setter", "getter", "deleter", "wraps", "lru_cache", "cached_property", "cached", "memoize", "contextmanager", "deprecated", "override",
	"final", "overload", "dataclass", "total_ordering", "runtime_checkable", "abstractmethod", "deconstructible", "add_argument", "getLogger",
	"expression", "inplace", "comparator",
}

// pure reports whether what a library's decorator or function does is known
// not to be an effect.
func (o object) pure() bool {
	for _, p := range pureBelow {
		if o.home.External && strings.HasPrefix(o.dotted+".", strings.TrimSuffix(p, ".")+".") {
			return true
		}
	}
	return o.dotted != "" && slices.Contains(pureLast, o.last())
}
