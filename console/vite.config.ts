import { join } from 'node:path'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { apiSchemas } from './plugins/api-schemas.ts'
import { compressed } from './plugins/compressed.ts'
import { offlineShell } from './plugins/offline-shell.ts'
import { provinces } from './plugins/provinces.ts'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), apiSchemas(), provinces(), { ...optimizeLocales.vite({ locales: ['en-US'] }), enforce: 'pre' }, offlineShell(), compressed()],
  build: {
    outDir: join(import.meta.dirname, '../build/console'),
    emptyOutDir: true,
    // Browsers as old as those of office computers that nobody updates.
    target: ['chrome103', 'firefox102', 'safari16'],
    cssTarget: 'chrome103',
    manifest: true,
    sourcemap: false,
    // Inlined files would need `data:` in the policy of fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run console` shows changes at once, with the API of a running server.
  server: { port: 5173, proxy: { '^/(v1|docs|openapi.json|healthz|readyz|problems)': { target: process.env['LOA_URL'] ?? 'http://127.0.0.1:8000', ws: true } } },
})
