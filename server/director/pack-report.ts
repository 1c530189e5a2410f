import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflate, deflateSync } from 'node:zlib'
import type { NewReport } from '../../control/ports.ts'

const deflateSoon = promisify(deflate)

type Label = Pick<NewReport, 'atMs' | 'kind' | 'orderId'>

/** A document as it is kept. Packed on another thread: for large ones. */
export async function packedSoon(label: Label, text: string): Promise<NewReport> {
  const document = Buffer.from(text)
  return labelled(label, document, await deflateSoon(document))
}

/** The same at once: for small ones. */
export function packed(label: Label, text: string): NewReport {
  const document = Buffer.from(text)
  return labelled(label, document, deflateSync(document))
}

const labelled = (label: Label, document: Buffer, bytes: Buffer): NewReport => ({ ...label, sha256: sha256Of(document), packedSha256: sha256Of(bytes), bytes: document.length, packed: bytes })

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
