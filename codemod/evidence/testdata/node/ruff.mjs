// Lints files with the ruff of an npm package: one request a line on standard
// input, {"options": {...}, "files": {path: text}}, one answer a line,
// {"findings": {path: [{code, message, row}]}}, or {"fault": why}.
//
//	node ruff.mjs FOLDER
//
// FOLDER is where npm installed the packages.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(process.argv[2], "package.json"));
const { PositionEncoding, Workspace } = require("@astral-sh/ruff-wasm-nodejs");

function lint({ options, files }) {
  const workspace = new Workspace(options, PositionEncoding.Utf32);
  const findings = {};
  for (const [path, text] of Object.entries(files)) {
    findings[path] = workspace.check(text).map((d) => ({ code: d.code ?? "syntax", message: d.message, row: d.start_location.row }));
  }
  return { findings };
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let answer;
  try {
    answer = lint(JSON.parse(line));
  } catch (e) {
    answer = { fault: String(e) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
