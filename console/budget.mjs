/** How much a browser fetches before the first page and for each other, compressed; fails above what was promised. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, 'dist');
const ENTRY_KB = 200;
const ROUTE_KB = 80;
const OUTSIDE_KB = 130;

const manifest = JSON.parse(readFileSync(join(DIST, 'manifest.json'), 'utf-8'));

/** Every script that comes with this one. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const other of manifest[name].imports ?? []) closure(other, found);
  return found;
}

const kilobytes = (names) => [...names].reduce((sum, name) => sum + statSync(join(DIST, `${manifest[name].file}.gz`)).size, 0) / 1024;

const entry = closure('index.html');
const outside = kilobytes(closure('outside.html'));
const routes = Object.keys(manifest).filter((name) => /^src\/pages\/.*Page\.tsx$/.test(name));
const sizes = routes.map((name) => [name, kilobytes([...closure(name)].filter((one) => !entry.has(one)))]);
const largest = sizes.toSorted((a, b) => b[1] - a[1])[0] ?? ['none', 0];
console.log(`console.entry_gzip_kb ${kilobytes(entry).toFixed(1)} (at most ${ENTRY_KB}); signing in ${outside.toFixed(1)} (at most ${OUTSIDE_KB}); largest page ${largest[0]} ${largest[1].toFixed(1)} (at most ${ROUTE_KB})`);
if (kilobytes(entry) > ENTRY_KB || outside > OUTSIDE_KB || largest[1] > ROUTE_KB) {
  for (const [name, size] of sizes) console.error(`  ${name} ${size.toFixed(1)} kB`);
  console.error('The console is too large: load what is heavy only where it is used.');
  process.exit(1);
}
