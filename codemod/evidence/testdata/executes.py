"""Import modules one by one, each in a process of its own, and say what that executes.

Arguments: the folders that go on sys.path, then `--`, then the top-level packages that count. Standard input: one module on each line, or
`?` and the path of a file. Standard output: one JSON object on each line, {"module": NAME, "error": TEXT or "", "loaded": {MODULE: REASON}},
and for a file {"module": PATH, "suites": LINES}, the lines of its imports that stand in a suite other than of a class or function.

A reason is how a module came to be imported: "statement" by one that stands outside of functions, "function" if one was running, "call" if
it was by import_module; then the module that was running, and its line.
"""

import ast
import inspect
import json
import os
import sys


def suites(path):
    """Give the lines of the import statements of a file that stand in a suite other than of a class or function."""
    lines = set()

    def visit(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                if inside:
                    lines.update(range(child.lineno, child.end_lineno + 1))
            elif isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
                visit(child, inside or not isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)))

    with open(path, "rb") as f:
        visit(ast.parse(f.read()), False)
    return lines


class Watch:
    """A finder that finds nothing, and notes who asks."""

    def __init__(self):
        self.reasons = {}

    def find_spec(self, name, path=None, target=None):
        if name in self.reasons:
            return None
        frame, called = sys._getframe(1), False
        while frame is not None:
            file = frame.f_code.co_filename
            if "importlib" not in file:
                break
            called = called or frame.f_code.co_name == "import_module"
            frame = frame.f_back
        who, line = frame.f_globals.get("__name__", "?"), frame.f_lineno
        if called:
            kind = "call"
        elif frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            kind = "function"
        elif file == __file__:
            kind = "entry"
        else:
            kind = "statement"
        self.reasons[name] = [kind, who, line]
        return None


def load(module, tops):
    watch = Watch()
    sys.meta_path.insert(0, watch)
    error = ""
    try:
        __import__(module)
    except BaseException as e:
        error = f"{type(e).__name__}: {e}"
    loaded = {}
    for name, m in list(sys.modules.items()):
        if name.split(".")[0] in tops and getattr(m, "__file__", None):
            loaded[name] = watch.reasons.get(name, ["entry", "", 0])
    return {"module": module, "error": error, "loaded": loaded}


def main():
    split = sys.argv.index("--")
    sys.path[:0] = sys.argv[1:split]
    tops = set(sys.argv[split + 1:])
    for line in sys.stdin.read().splitlines():
        if line.startswith("?"):
            print(json.dumps({"module": line, "suites": sorted(suites(line[1:]))}), flush=True)
            continue
        child = os.fork()
        if not child:
            print(json.dumps(load(line, tops)), flush=True)
            os._exit(0)
        os.waitpid(child, 0)


main()
