import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Beside every file its compressed form, so that the gateway compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    // From the disk: only there is every file as it will be served.
    async writeBundle({ dir = 'dist' }, bundle) {
      const texts = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
      await Promise.all(
        texts.map(async (name) => writeFile(join(dir, `${name}.gz`), gzipSync(await readFile(join(dir, name)), { level: 9 }))),
      );
    },
  };
}

export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  // The gateway serves the built files there, and every page at its own address.
  base: command === 'build' ? '/console/' : '/',
  plugins: [react(), compressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    // Signing in has an entry of its own, without what only a shop's pages need.
    rollupOptions: { input: ['index.html', 'outside.html'].map((name) => join(import.meta.dirname, name)) },
    // The pages' content security policy takes no data: scripts or fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: Object.fromEntries(['/v1', '/static', '/docs', '/nx', '/console', '/sign-in', '/reset', '/invitation'].map((path) => [path, process.env['GATEWAY'] ?? 'http://127.0.0.1:8400'])),
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
}) as never);
