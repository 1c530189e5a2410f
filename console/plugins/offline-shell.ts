import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const WORKER = join(import.meta.dirname, '../src/offline/worker.js')
const SHELL = /\.(?:js|css|svg|webmanifest)$/

/** Writes `sw.js`: the service worker, with the list of what the console consists of. */
export function offlineShell(): Plugin {
  return {
    name: 'loa-offline-shell',
    apply: 'build',
    generateBundle: {
      order: 'pre',
      handler(_options, bundle) {
        const files = Object.keys(bundle).filter((name) => SHELL.test(name)).sort().map((name) => `/${name}`)
        const version = createHash('sha256').update(files.join()).digest('hex').slice(0, 12)
        const source = `const VERSION = '${version}'\nconst FILES = ${JSON.stringify(['/', '/icon.svg', ...files])}\n${readFileSync(WORKER, 'utf8')}`
        this.emitFile({ type: 'asset', fileName: 'sw.js', source })
      },
    },
  }
}
