// Runs a Python program under the CPython of an npm package, with this
// process's standard input and output:
//
//	node python.mjs FOLDER PACKAGE PROGRAM.py
//
// FOLDER is where npm installed the packages.
import { readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, name, program] = process.argv.slice(2);
const home = join(folder, "node_modules", name);
const { loadPyodide } = await import(pathToFileURL(join(home, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: home + "/" });

// A pipe that is full or empty may say so instead of waiting.
function patiently(call) {
  for (;;) {
    try {
      return call();
    } catch (e) {
      if (e.code !== "EAGAIN") throw e;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

python.setStdin({ read: (buffer) => patiently(() => readSync(0, buffer, 0, buffer.length)) });
python.setStdout({
  write(buffer) {
    for (let at = 0; at < buffer.length; ) at += patiently(() => writeSync(1, buffer, at));
    return buffer.length;
  },
});
python.setStderr({ write: (buffer) => writeSync(2, buffer) });
python.runPython(readFileSync(program, "utf8"), { filename: program });
