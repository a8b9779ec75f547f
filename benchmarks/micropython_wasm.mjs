#!/usr/bin/env node
// Runs a MicroPython that was built for WebAssembly, which has words of 32 bits, as if it were the
// unix one: `micropython_wasm.mjs [-X heapsize=400k] PROGRAM.py`, or `-c TEXT`.
//
// BIOKLOK_MICROPYTHON_WASM names its micropython.mjs; MICROPYPATH says where modules are, as for the
// unix build. That build sees no files of this computer, so those folders are copied into its
// memory; nothing that a program writes leaves it. It collects garbage only while nothing of the
// program runs: a program that wants to count waits (asyncio) after gc.collect(). asyncio.run starts
// a coroutine and comes back at once, so that it has to stand last.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const VARIABLE = "BIOKLOK_MICROPYTHON_WASM";
const HEAP_BYTES = 4 << 20; // it grows where that is too little
const UNITS = { k: 1 << 10, m: 1 << 20 };

function fail(text) {
  console.error(text);
  process.exit(1);
}

function readCommand(words) {
  const command = { heapBytes: HEAP_BYTES, text: null, path: null, rest: [] };
  let at = 0;
  while (at < words.length && words[at].startsWith("-")) {
    const [option, value] = [words[at], words[at + 1] ?? ""];
    const heap = /^heapsize=(\d+)([km]?)$/.exec(value);
    if (option === "-c") {
      return { ...command, text: value, rest: words.slice(at + 2) };
    } else if (option === "-X" && heap) {
      command.heapBytes = Number(heap[1]) * (UNITS[heap[2]] ?? 1);
    } else {
      fail(`${option} ${value}: no option of this launcher, see its first lines`);
    }
    at += 2;
  }
  if (at === words.length) fail("name a program, or give one behind -c");
  return { ...command, path: resolve(words[at]), rest: words.slice(at + 1) };
}

// Copies the .py files below a folder to the same path in the interpreter's memory.
function copyIn(fs, folder) {
  fs.mkdirTree(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "__pycache__") continue;
    if (entry.isDirectory()) copyIn(fs, path);
    else if (entry.name.endsWith(".py")) fs.writeFile(path, readFileSync(path));
  }
}

const command = readCommand(process.argv.slice(2));
const build = process.env[VARIABLE];
if (!build || !existsSync(build)) fail(`${VARIABLE}: name the micropython.mjs to run in it`);
const { loadMicroPython } = await import(pathToFileURL(resolve(build)).href);
const micropython = await loadMicroPython({
  heapsize: command.heapBytes,
  stdout: (line) => console.log(line),
  stderr: (line) => console.error(line),
});

const folders = (process.env.MICROPYPATH ?? ".frozen").split(":");
if (command.path) folders.unshift(dirname(command.path));
for (const folder of folders) {
  if (existsSync(folder) && statSync(folder).isDirectory()) {
    copyIn(micropython.FS, resolve(folder));
  }
}
const asyncio = micropython.pyimport("asyncio");
let running = null;
asyncio.run = (coroutine) => {
  running = asyncio.create_task(coroutine);
};
const quoted = (words) => JSON.stringify(words); // a list of texts is written alike in Python
try {
  micropython.runPython(
    `import sys\nsys.path[:] = ${quoted(folders)}\n` +
      `sys.argv[:] = ${quoted([command.path ?? "-c", ...command.rest])}\n`,
  );
  micropython.runPython(command.text ?? readFileSync(command.path, "utf8"));
  await running;
} catch (error) {
  if (error.name !== "PythonError") throw error;
  fail(error.message);
}
