import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { planImport } from '../../control/cluster-import.ts'
import { SHEET_COLUMNS, sheetRow } from '../../control/cluster-sheet.ts'
import { hashSecret, newId, newSecret } from '../../control/ids.ts'
import { csvLine, readCsv } from '../../control/spreadsheet/csv.ts'
import { takeLock } from '../data-lock.ts'
import { SqliteStore } from '../store/sqlite-store.ts'
import { seedDistrict, type SeedDistrict } from './district.ts'

/** The seed data cannot be put there; the message says why. */
export class SeedError extends Error {
  override readonly name = 'SeedError'
  readonly code = 'SEED_ERR_REFUSED'
}

/** The clusters as a spreadsheet, as the import takes it. */
const csvOf = ({ clusters }: SeedDistrict): string => [SHEET_COLUMNS.map(({ key }) => key), ...clusters.map((cluster) => sheetRow(cluster, 'vi'))].map(csvLine).join('')

/**
 * Makes the district in a data folder of which no server has the use and in which there is no unit yet, in one transaction.
 * @returns what was made
 * @throws SeedError, AlreadyRunningError
 */
export function seedFolder(dataDir: string, nowMs: number): { readonly units: number; readonly clusters: number } {
  const folder = resolve(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = takeLock(folder)
  const store = SqliteStore.open(folder)
  try {
    if (store.units.all().length > 0) throw new SeedError(`${folder} has units already; the seed data go into an empty one`)
    const district = seedDistrict()
    return store.transaction(() => {
      const unitIds = new Map<string, string>()
      for (const { code, name, parent } of district.units) {
        const id = newId('u', nowMs)
        store.units.insert({ id, code, name, parentId: parent === null ? null : unitIds.get(parent)!, presentationDelayMs: null, createdAtMs: nowMs })
        unitIds.set(code, id)
      }
      const { changes, problems } = planImport(readCsv(Buffer.from(csvOf(district))), { clusters: [], unitsByCode: unitIds, codesByUnit: new Map() })
      if (problems[0] !== undefined) throw new SeedError(`line ${String(problems[0].line)}: ${problems[0].message}`)
      for (const { after } of changes) store.clusters.insert({ id: newId('c', nowMs), keyHash: hashSecret(newSecret()), keyChangedAtMs: nowMs, createdAtMs: nowMs, ...after })
      store.auditLog.append({ atMs: nowMs, requestId: null, tokenId: null, tokenName: null, remoteAddress: null, method: 'SEED', route: 'loa seed-district', targetIds: [], fields: [], status: 200, code: null, count: 1 })
      return { units: unitIds.size, clusters: changes.length }
    })
  } finally {
    store.close()
    lock.close()
  }
}

/**
 * Makes the district on a running server, through its API.
 * @param url of the server, such as `http://127.0.0.1:8000`
 * @param token of an administrator
 * @throws SeedError with what the server has answered
 */
export async function seedServer(url: string, token: string): Promise<{ readonly units: number; readonly clusters: number }> {
  const district = seedDistrict()
  const call = async (path: string, init: RequestInit): Promise<Record<string, unknown>> => {
    const response = await fetch(new URL(path, url), { ...init, method: 'POST', headers: { ...init.headers, authorization: `Bearer ${token}` } })
    const body = (await response.json()) as Record<string, unknown>
    if (!response.ok) throw new SeedError(`${path}: ${String(response.status)} ${String(body['code'])}: ${String(body['detail'])}`)
    return body
  }
  const unitIds = new Map<string, string>()
  for (const { code, name, parent } of district.units) {
    const body = await call('/v1/units', { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code, name, parentId: parent === null ? null : unitIds.get(parent) }) })
    unitIds.set(code, String(body['id']))
  }
  const form = new FormData()
  form.set('file', new Blob([csvOf(district)]), 'clusters.csv')
  const imported = await call('/v1/clusters/import', { body: form })
  return { units: unitIds.size, clusters: Number(imported['created']) }
}
