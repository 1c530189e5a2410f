import { createHash } from 'node:crypto'
import type { CheckpointRecord, LogHead, LogName } from './log-port.ts'

/** A value of a column as it is hashed. */
export type ChainValue = string | number | null

/** Form of the entries written now; what a later form holds besides goes under its own number. */
export const LOG_FORM: Readonly<Record<LogName, number>> = { audit: 1, air: 2, report: 1 }

const AIR_1 = ['form', 'at_ms', 'order_id', 'class', 'title', 'unit_id', 'issuer_unit_id', 'source_id', 'clip_ids', 'cluster_ids', 'planned_from_ms', 'planned_until_ms', 'from_ms', 'until_ms', 'planned_ms', 'air_ms', 'sent_ms', 'ended'] as const

/** The columns that are hashed, in this order, by log and form (from 1). What is not among them must not be believed. */
export const CHAIN_COLUMNS: Readonly<Record<LogName, readonly (readonly string[])[]>> = {
  audit: [['form', 'at_ms', 'request_id', 'token_id', 'token_name', 'remote_address', 'method', 'route', 'target_ids', 'fields', 'status', 'code', 'count']],
  air: [AIR_1, [...AIR_1, 'field', 'sounded_ms']],
  report: [['form', 'at_ms', 'kind', 'order_id', 'sha256', 'packed_sha256', 'bytes']],
}

/** The columns of the form that is written now: those of every earlier form are among them. */
export const columnsNow = (log: LogName): readonly string[] => CHAIN_COLUMNS[log][LOG_FORM[log] - 1]!

/** What stands before the first entry of a log. */
export const genesisHash = (log: LogName): string => createHash('sha256').update(`loa-log-1\n${log}\n`).digest('hex')

/**
 * Hash of an entry: SHA-256 over the hash before it (32 bytes) and the entry as a JSON array (log, place, then its columns), in UTF-8.
 * JSON keeps strings, numbers and null apart and says where each ends, so no two entries have the same bytes.
 */
export function chainHash(previousHash: string, log: LogName, seq: number, values: readonly ChainValue[]): string {
  return createHash('sha256').update(Buffer.from(previousHash, 'hex')).update(JSON.stringify([log, seq, ...values]), 'utf8').digest('hex')
}

type CheckpointBody = Pick<CheckpointRecord, 'number' | 'atMs' | 'previousHash' | 'keyId' | 'publicKey'> & { readonly heads: readonly LogHead[] }

/** What is signed; nothing else that this server signs begins with these words. */
export function checkpointBytes({ number, atMs, previousHash, heads, keyId, publicKey }: CheckpointBody): Buffer {
  const places = heads.map(({ log, firstSeq, seq, hash }) => [log, firstSeq, seq, hash])
  return Buffer.from(`loa-checkpoint-1\n${JSON.stringify([number, atMs, previousHash, places, keyId, publicKey])}`, 'utf8')
}

/** Hash of a checkpoint, which the next one carries; before the first stands that of nothing. */
export function checkpointHash(checkpoint: CheckpointRecord | undefined): string {
  const hash = createHash('sha256')
  if (checkpoint !== undefined) hash.update(checkpointBytes(checkpoint)).update(checkpoint.signature, 'utf8')
  return hash.digest('hex')
}
