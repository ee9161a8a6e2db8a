"""Write a program, run pieces of code on it, and say which of its modules each has executed and what these registered.

Standard input: {"files": {PATH: TEXT}, "runs": [CODE]}. Standard output: a list with, for each run, the modules and the log of app.hub, or
the error.
"""

import json
import os
import sys

asked = json.loads(sys.stdin.readline())
home = "/program"
for path, text in asked["files"].items():
    full = os.path.join(home, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w") as f:
        f.write(text)
sys.path.insert(0, home)
sys.dont_write_bytecode = True
answers = []
for code in asked["runs"]:
    for name in [m for m in sys.modules if m.split(".")[0] == "app"]:
        del sys.modules[name]
    try:
        exec(compile(code, "<run>", "exec"), {"__name__": "run"})
        error = ""
    except Exception as e:
        error = f"{type(e).__name__}: {e}"
    hub = sys.modules.get("app.hub")
    answers.append({"Modules": sorted(m for m in sys.modules if m.split(".")[0] == "app"), "Log": list(hub.LOG) if hub else [], "Error": error})
print(json.dumps(answers), flush=True)
