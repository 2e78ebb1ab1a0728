// The Node half, loaded before anything else (--require): a provider package requires a resource when it is first used.
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const threads = require('node:worker_threads');

// A provider's lib/index.js requires every resource at once; lib/lazy-index.js has the same names and requires each
// when it is first used.
const EAGER = /[\\/]@cdktf[\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
const resolve = Module._resolveFilename;
const load = Module._load;

Module._resolveFilename = function (...args) {
  const file = resolve.apply(this, args);
  if (EAGER.test(file)) {
    const lazy = path.join(path.dirname(file), 'lazy-index.js');
    if (fs.existsSync(lazy)) return lazy;
  }
  return file;
};

// cdktf requires archiver, half of its own start, for a process of its own that packs a folder into a file.
Module._load = function (request, parent, isMain) {
  if (request !== 'archiver') return load.call(this, request, parent, isMain);
  return (...args) => load.call(this, request, parent, isMain)(...args);
};

// The first time, jsii writes an index of each library's types in the background, and may end before that of a large
// provider is written: then every start would read all of its types (130 MB for AWS). So it ends when they are written.
const writing = new Set();
const { Worker } = threads;
const { exit } = process;

threads.Worker = class extends Worker {
  constructor(file, ...args) {
    super(file, ...args);
    if (path.basename(String(file)) !== 'runtime-index-worker.js') return;
    writing.add(this);
    this.once('exit', () => writing.delete(this));
  }
};

process.exit = function (code) {
  if (writing.size === 0) exit.call(process, code);
  process.exitCode = code;
};
