/** Builds the snippet into dist: the floating file, the same under its own name for ever, the inline stub, and what they are. */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const HERE = import.meta.dirname;
const DIST = join(HERE, 'dist');
const RELEASED = join(HERE, 'released');
const VERSION = '1.0.0';
const MOST_TRACKING_BYTES = 3500;
const MOST_STUB_BYTES = 300;

function built(name) {
  const { outputFiles } = buildSync({
    entryPoints: [join(HERE, 'src', `${name}.ts`)],
    bundle: true,
    write: false,
    minify: true,
    format: name === 'stub' ? undefined : 'iife',
    target: 'es2021',
    define: { VERSION: JSON.stringify(VERSION) },
    legalComments: 'none',
    // Without "use strict": modules are strict where that is checked, by tsc.
    tsconfigRaw: '{}',
  });
  return Buffer.from(outputFiles[0].contents);
}

const packed = (content) => gzipSync(content, { level: 9 });

function write(name, content) {
  writeFileSync(join(DIST, name), content);
  writeFileSync(join(DIST, `${name}.gz`), packed(content));
}

const tracking = built('main');
const stub = built('stub').toString().trim();
// Its name changes with its content, so that a page that pins it never meets another.
const pinned = `${VERSION}-${createHash('sha256').update(tracking).digest('hex').slice(0, 8)}.js`;
const about = {
  version: VERSION,
  floating: '/nx/v1.js',
  pinned: `/nx/${pinned}`,
  integrity: `sha384-${createHash('sha384').update(tracking).digest('base64')}`,
  stub,
  tracking_gzip_bytes: packed(tracking).length,
  stub_gzip_bytes: packed(stub).length,
};

if (process.argv.includes('--release')) {
  mkdirSync(RELEASED, { recursive: true });
  writeFileSync(join(RELEASED, pinned), tracking);
}
rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);
for (const name of readdirSync(RELEASED).filter((file) => file.endsWith('.js'))) {
  write(name, readFileSync(join(RELEASED, name)));
}
write('v1.js', tracking);
write(pinned, tracking);
writeFileSync(join(DIST, 'v1.json'), JSON.stringify(about, null, 2));
console.log(`snippet: tracking ${about.tracking_gzip_bytes} bytes (at most ${MOST_TRACKING_BYTES}), stub ${about.stub_gzip_bytes} (at most ${MOST_STUB_BYTES}), compressed`);
if (about.tracking_gzip_bytes > MOST_TRACKING_BYTES || about.stub_gzip_bytes > MOST_STUB_BYTES) {
  console.error('The snippet is too large.');
  process.exit(1);
}
