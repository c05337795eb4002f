#!/usr/bin/env node
/** The installed gateway. A file of its own, because an older Node stops at the import of node:sqlite and names only that. */
const OLDEST_NODE = 24;
const EXIT_FAILED = 1;

if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) {
  await import('./index.ts');
} else {
  process.stderr.write(
    `The gateway needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}. Its database is Node's own SQLite.\n`,
  );
  process.exitCode = EXIT_FAILED;
}

// What waits at its top level must be a module.
export {};
