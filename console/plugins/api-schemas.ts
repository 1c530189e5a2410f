import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { bodySchema, type ApiDocument } from './body-schema.ts'

const PREFIX = 'api-schema:'
const DOCUMENT = join(import.meta.dirname, '../../control/openapi.json')

/**
 * Lets a form import the schema that the server itself checks a body with: `import schema from 'api-schema:POST /v1/units'`.
 * Words for readers of the description are left out.
 */
export function apiSchemas(): Plugin {
  return {
    name: 'loa-api-schemas',
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined
      this.addWatchFile(DOCUMENT)
      const [method = '', path = ''] = id.slice(PREFIX.length + 1).split(' ')
      return `export default ${JSON.stringify(bodySchema(JSON.parse(readFileSync(DOCUMENT, 'utf8')) as ApiDocument, method, path))}`
    },
  }
}
