/**
 * The entry: `node server/loa.mjs [--help]`. Plain JavaScript that any Node can read, so that an old one is told what is wrong
 * instead of stumbling over the first TypeScript file.
 */
import process from 'node:process'

const OLDEST_NODE_MAJOR = 24

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE_MAJOR) {
  process.stderr.write(`Loa runs on Node ${OLDEST_NODE_MAJOR} or later; this is Node ${process.versions.node}. Start it with «npm start», which brings its own Node.\n`)
  process.exit(1)
}
await import('./main.ts')
