"""Runs small trees of Python modules that come as JSON and says what every name is bound to.

One request a line on standard input, one answer a line on standard output. A tree lives in memory: a finder on
sys.meta_path serves it, packages, namespace packages and several roots included, through importlib itself, so that
circles, half-initialised modules and submodule attributes are CPython's own. Between two imports that must not see each
other the tree's modules are dropped from sys.modules. Functions called probe_ and test_ are called; tests are given what
their parameters name, as pytest does: monkeypatch, or a name of the nearest conftest.py.
"""

import ast
import hashlib
import importlib
import importlib.machinery
import json
import os
import pkgutil
import sys
import types
import typing
import unittest.mock  # loaded once: programs under test use it

BASE = "//tree/"
CODE = {}  # (path, text) -> code object
SPECIAL = {"__all__"}


class Finder:
    """Serves the modules of one tree; "" is the root of the tree.

    A stub without a module beside it stands for one that was not written in Python, and is served in its place. Modules
    where others are said to be at home give objects of their own under the names that are said to be there.
    """

    def __init__(self, files, roots, stops=(), homes={}):
        self.files, self.roots = files, [BASE + r for r in roots]
        self.stops, self.homes = set(stops), {}
        for name, home in homes.items():
            self.homes.setdefault(name.rpartition(".")[0], {})[name.rpartition(".")[2]] = home
        self.folders, self.served = set(), set()
        for path in files:
            parts = path.split("/")[:-1]
            for i in range(len(parts)):
                self.folders.add(BASE + "/".join(parts[: i + 1]))

    def find_spec(self, name, path=None, target=None):
        bases = self.roots if path is None else [p for p in path if p.startswith(BASE)]
        tail, portions = name.rpartition(".")[2], []
        for base in bases:
            stem = (base if base.endswith("/") else base + "/") + tail
            for file, package in ((stem + "/__init__.py", True), (stem + ".py", False), (stem + ".pyi", False)):
                if file[len(BASE) :] in self.files:
                    return self.spec(name, file, stem if package else None)
            if stem in self.folders:
                portions.append(stem)
        if not portions:
            return None
        self.served.add(name)
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = portions
        return spec

    def spec(self, name, file, folder):
        self.served.add(name)
        spec = importlib.machinery.ModuleSpec(name, self, origin=file, is_package=folder is not None)
        if folder is not None:
            spec.submodule_search_locations = [folder]
        return spec

    def create_module(self, spec):
        return None

    def listed(self, folder):
        """The names in a folder, as os.listdir gives them."""
        inside = folder[len(BASE) :].strip("/") + "/"
        return sorted({p[len(inside) :].partition("/")[0] for p in self.files if p.startswith(inside)})

    def exec_module(self, module):
        path = module.__spec__.origin[len(BASE) :]
        exec(compiled(path, self.files[path]), module.__dict__)
        if path.endswith(".pyi"):
            for name, value in module.__dict__.get("__annotations__", {}).items():
                module.__dict__.setdefault(name, value)
        self.tell(module.__name__, module.__dict__)

    def tell(self, module, space):
        """Binds the names that are said to be at home in a module, or that are said to be elsewhere, to objects that say so."""
        for name, value in list(space.items()) if module in self.stops else ():
            part = isinstance(value, types.ModuleType) and value.__name__ == "%s.%s" % (module, name)
            if not name.startswith(("__", "probe_")) and not part:
                space[name] = "%s:%s#0" % (module, name)
        for name, home in self.homes.get(module, {}).items():
            space[name] = home + "#0" if ":" in home else types.ModuleType(home)

    def drop(self):
        """Forgets every module of the tree."""
        for name in self.served:
            sys.modules.pop(name, None)
        self.served.clear()


class Folder:
    """What pkgutil asks for the modules in a folder of the tree."""

    def __init__(self, finder, path):
        self.finder, self.path = finder, path

    def find_spec(self, name, target=None):
        return None

    def iter_modules(self, prefix=""):
        for name in self.finder.listed(self.path):
            package = "." not in name and "__init__.py" in self.finder.listed(self.path + "/" + name)
            if package or name.endswith(".py") and name != "__init__.py":
                yield prefix + name.partition(".")[0], package


class Served:
    """While it lasts, modules come from a finder, and so do lists of folders."""

    def __init__(self, finder):
        self.finder, self.listdir = finder, os.listdir

    def __enter__(self):
        def folder(path):
            if not path.startswith(BASE):
                raise ImportError(path)
            return Folder(self.finder, path)

        self.folder = folder
        sys.meta_path.insert(0, self.finder)
        sys.path_hooks.insert(0, folder)
        os.listdir = lambda path=".": self.finder.listed(path) if str(path).startswith(BASE) else self.listdir(path)

    def __exit__(self, *raised):
        self.finder.drop()
        sys.meta_path.remove(self.finder)
        sys.path_hooks.remove(self.folder)
        for path in [p for p in sys.path_importer_cache if p.startswith(BASE)]:
            del sys.path_importer_cache[path]
        os.listdir = self.listdir


def attach(package_name, submodules=None, submod_attrs=None):
    """What lazy_loader.attach does, https://scientific-python.org/specs/spec-0001/."""
    homes = {name: module for module, names in (submod_attrs or {}).items() for name in names}
    exported = sorted(set(submodules or ()) | homes.keys())

    def __getattr__(name):
        if name in (submodules or ()):
            return importlib.import_module("%s.%s" % (package_name, name))
        if name in homes:
            return getattr(importlib.import_module("%s.%s" % (package_name, homes[name])), name)
        raise AttributeError("No %s attribute %s" % (package_name, name))

    return __getattr__, lambda: exported, list(exported)


sys.modules["lazy_loader"] = types.ModuleType("lazy_loader")
sys.modules["lazy_loader"].attach = attach


def compiled(path, text):
    key = (path, text)
    if key not in CODE:
        if len(CODE) > 5000:
            CODE.clear()
        CODE[key] = compile(text, path, "exec", dont_inherit=True)
    return CODE[key]


def describe(value, depth=0):
    """Says which object a value is: objects of a tree carry a tag that says where they were declared."""
    if isinstance(value, types.ModuleType):
        return "module " + value.__name__
    if isinstance(value, (type, types.FunctionType)):
        doc = value.__doc__ if value.__module__ not in sys.stdlib_module_names else None
        return "%s %s.%s %s" % (type(value).__name__, value.__module__, value.__qualname__, doc)
    if isinstance(value, (list, tuple)) and depth < 4:
        return "%s(%s)" % (type(value).__name__, ", ".join(describe(v, depth + 1) for v in value))
    if isinstance(value, dict) and depth < 4:
        return "{%s}" % ", ".join("%s: %s" % (k, describe(value[k], depth + 1)) for k in sorted(value, key=str))
    if isinstance(value, (str, int, type(None))):
        return repr(value)
    return "%s %s" % (type(value).__name__, getattr(value, "__name__", getattr(value, "_name", "")))


def names(module, calls):
    """What a module's names are bound to, its classes' bodies and, if asked, what its probes return."""
    found = {}
    space = module.__dict__
    for name in list(space):
        value = space[name]
        if name.startswith("__") and name not in SPECIAL:
            continue
        if isinstance(value, types.ModuleType) and value.__name__ == "%s.%s" % (module.__name__, name):
            continue  # a submodule, there once someone imported it
        if name.startswith(("probe_", "test_")):
            continue
        found[name] = describe(value)
        for of, text in hints(value):
            found["%s: %s" % (name, of)] = text
        if isinstance(value, type) and value.__module__ == module.__name__:
            for member, inner in vars(value).items():
                if not member.startswith("__"):
                    found[name + "." + member] = describe(inner)
    if calls:
        for name in [n for n in space if n.startswith(("probe_", "test_")) and getattr(space[n], "__module__", "") == module.__name__]:
            found[name + "()"] = probe(space[name])
    return found


def hints(value):
    """The quoted annotations of a function, evaluated where it stands, as typing.get_type_hints does."""
    for name, text in getattr(value, "__annotations__", {}).items() if isinstance(value, types.FunctionType) else ():
        if isinstance(text, str):
            try:
                yield name, describe(eval(text, value.__globals__))
            except Exception as e:
                yield name, "fails with " + type(e).__name__


def probe(function):
    """What a function returns; a test is given its fixtures."""
    patches = MonkeyPatch()
    try:
        return describe(function(*[fixture(p, function.__module__, patches) for p in parameters(function)]))
    except Exception as e:
        return "raises " + type(e).__name__
    finally:
        patches.undo()


def parameters(function):
    code = function.__code__
    return code.co_varnames[: code.co_argcount]


def fixture(name, module, patches):
    """What a parameter of a test is: a name of the nearest conftest.py that has it."""
    if name == "monkeypatch":
        return patches
    while module:
        module = module.rpartition(".")[0]
        try:
            conftest = importlib.import_module((module + ".conftest").lstrip("."))
        except ModuleNotFoundError:
            continue
        if hasattr(conftest, name):
            return getattr(conftest, name)
    raise LookupError("fixture %r not found" % name)


class MonkeyPatch:
    """What pytest's fixture of this name does with attributes, items and strings that name them."""

    def __init__(self):
        self.undone = []

    def setattr(self, target, name, *value):
        if not value:
            value = (name,)
            target, _, name = target.rpartition(".")
            target = pkgutil.resolve_name(target)
        self.undone.append((setattr, target, name, getattr(target, name)))
        setattr(target, name, *value)

    def delattr(self, target, name=None):
        if name is None:
            target, _, name = target.rpartition(".")
            target = pkgutil.resolve_name(target)
        self.undone.append((setattr, target, name, getattr(target, name)))
        delattr(target, name)

    def setitem(self, mapping, name, value):
        self.undone.append((type(mapping).__setitem__, mapping, name, mapping[name]))
        mapping[name] = value

    def undo(self):
        for put, *rest in reversed(self.undone):
            put(*rest)


def load(finder, module):
    """Imports a module by name, or runs a script given as "!path" or the stub of the module "~module"."""
    if module[0] not in "!~":
        importlib.import_module(module)
        return sys.modules[module]
    if module.startswith("~"):
        return stub(finder, module[1:])
    script = types.ModuleType("script")
    exec(compiled(module[1:], finder.files[module[1:]]), script.__dict__)
    return script


def stub(finder, name):
    """Runs the stub of a module."""
    for root in finder.roots:
        stem = (root if root.endswith("/") else root + "/")[len(BASE) :] + name.replace(".", "/")
        for path, package in ((stem + ".pyi", name.rpartition(".")[0]), (stem + "/__init__.pyi", name)):
            if path in finder.files:
                module = types.ModuleType(name)
                module.__package__ = package
                exec(compiled(path, finder.files[path]), module.__dict__)
                return module
    raise ImportError("there is no stub of " + name)


def attempt(finder, module, calls):
    try:
        loaded = load(finder, module)
    except Exception as e:
        return {"ok": False, "error": "%s: %s" % (type(e).__name__, e)}, None
    return {"ok": True, "names": names(loaded, calls)}, loaded


def observe(request):
    """Imports each module into a fresh state, then all of them into one."""
    finder = Finder(request["files"], request["roots"], request.get("stops") or (), request.get("homes") or {})
    typing.TYPE_CHECKING = bool(request.get("typing"))
    cold, warm, varying = {}, {}, Varying() if request.get("vary") else None
    with Served(finder):
        for module in request["modules"]:
            finder.drop()
            cold[module], _ = attempt(finder, module, request.get("calls"))
            if cold[module]["ok"]:
                cold[module]["facades"] = {
                    f: names(sys.modules[f], False) for f in request.get("facades") or () if f in sys.modules
                }
                if varying:
                    varying.see(finder.served)
        finder.drop()
        loaded = {m: attempt(finder, m, False)[1] for m in request["modules"] if cold[m]["ok"]}
        for module, object in loaded.items():
            if object is not None:
                warm[module] = {"ok": True, "names": names(object, True)}
    typing.TYPE_CHECKING = False
    return {"cold": cold, "warm": warm, "varying": varying.found() if varying else {}}


class Varying:
    """Finds the names of modules that are bound to one object after some imports and not after others."""

    def __init__(self):
        self.seen, self.differ = {}, {}

    def see(self, modules):
        for module in modules:
            if module in sys.modules:
                now = names(sys.modules[module], False)
                was = self.seen.setdefault(module, now)
                for n in was.keys() | now.keys():
                    if was.get(n) != now.get(n):
                        self.differ.setdefault(module, {}).setdefault(n, set()).update((was.get(n, ""), now.get(n, "")))

    def found(self):
        return {m: {n: sorted(objects) for n, objects in differ.items()} for m, differ in self.differ.items()}


class Emptier(ast.NodeTransformer):
    """Removes the re-exports of a facade: imports of names that nothing else in it uses, and `__all__`."""

    def __init__(self, used):
        self.used = used

    def import_(self, node):
        node.names = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in self.used]
        return node if node.names else ast.Pass()

    visit_Import = visit_ImportFrom = import_

    def visit_FunctionDef(self, node):
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def assign(self, node):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return ast.Pass() if isinstance(target, ast.Name) and target.id == "__all__" else node

    visit_Assign = visit_AugAssign = visit_AnnAssign = assign

    def visit_Expr(self, node):
        mutates = isinstance(node.value, ast.Call) and ast.unparse(node.value.func).startswith("__all__.")
        return ast.Pass() if mutates else node


def empty(request):
    """Returns the facades without their re-exports."""
    emptied = {}
    for path in request["paths"]:
        tree = ast.parse(request["files"][path])
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                node.names = []
        kept = Emptier(()).visit(ast.parse(request["files"][path]))
        used = {n.id for n in ast.walk(kept) if isinstance(n, ast.Name)}
        body = Emptier(used).visit(ast.parse(request["files"][path]))
        emptied[path] = ast.unparse(ast.fix_missing_locations(body)) + "\n"
    return {"files": emptied}


class Imports(ast.NodeVisitor):
    """Lists the import statements of a file with the scope that they stand in."""

    def __init__(self):
        self.scopes, self.found = ["module"], []

    def scoped(self, kind):
        def visit(node):
            self.scopes.append(kind)
            for child in node.body if isinstance(node.body, list) else [node.body]:
                self.visit(child)
            self.scopes.pop()

        return visit

    def visit_FunctionDef(self, node):
        self.scoped("function")(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.scoped("class")(node)

    def visit_Import(self, node):
        self.add(node, False, "", 0)

    def visit_ImportFrom(self, node):
        self.add(node, True, node.module or "", node.level)

    def add(self, node, is_from, module, level):
        self.found.append({
            "line": node.lineno, "column": node.col_offset, "end_line": node.end_lineno,
            "end_column": node.end_col_offset, "scope": self.scopes[-1], "from": is_from, "module": module,
            "level": level, "names": [{"name": a.name, "as": a.asname or ""} for a in node.names],
        })


class Bare(ast.NodeTransformer):
    """A file without its imports: what a change of from-imports must not touch."""

    def visit_Import(self, node):
        return None

    visit_ImportFrom = visit_Import

    def generic_visit(self, node):
        super().generic_visit(node)
        for field in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, field, None), list):
                setattr(node, field, [n for n in getattr(node, field) if not isinstance(n, ast.Pass)])
        return node


def facts(source, bare):
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as e:
        return {"error": "%s: %s" % (type(e).__name__, e)}
    visitor = Imports()
    visitor.visit(tree)
    found = {"imports": visitor.found}
    if bare:
        text = ast.dump(Bare().visit(tree))
        found["bare"] = hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()
    return found


def uses(request):
    """The names in expressions of files, with the lines and columns of each, in bytes, and the imports that are lazy."""
    found = {}
    for path, text in request["files"].items():
        try:
            compile(text, path, "exec", dont_inherit=True)
            tree = ast.parse(text)
        except (SyntaxError, ValueError) as e:
            found[path] = {"error": "%s: %s" % (type(e).__name__, e)}
            continue
        nodes = list(ast.walk(tree))
        found[path] = {
            "names": [[n.lineno, n.col_offset, n.id] for n in nodes if isinstance(n, ast.Name)],
            "lazy": sorted(n.lineno for n in nodes if isinstance(n, (ast.Import, ast.ImportFrom)) and getattr(n, "is_lazy", 0)),
        }
    return {"uses": found}


def imports(request):
    """The import statements of files, given as text or as paths below a folder."""
    if "folder" not in request:
        return {"facts": {p: facts(s, True) for p, s in request["files"].items()}}
    found = {}
    for path in request["paths"]:
        with open(request["folder"] + "/" + path, "rb") as f:
            found[path] = facts(f.read(), False)
    return {"facts": found}


def main():
    operations = {"observe": observe, "empty": empty, "imports": imports, "uses": uses}
    out = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = operations[request["op"]](request)
        except Exception as e:
            answer = {"fault": "%s: %s" % (type(e).__name__, e)}
        out.write(json.dumps(answer) + "\n")
        out.flush()


sys.setrecursionlimit(5000)
main()
