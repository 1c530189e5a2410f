import type { IdempotencyStore, IdempotentResponse } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface ResponseRow {
  readonly scope: string
  readonly fingerprint: string
  readonly status: number
  readonly sealed: Uint8Array
  readonly created_at_ms: number
}

export class IdempotencyTable implements IdempotencyStore {
  readonly #get: Statement<ResponseRow>
  readonly #put: Statement
  readonly #removeBefore: Statement

  constructor(db: Database) {
    this.#get = db.prepare('SELECT * FROM idempotent_responses WHERE scope = $scope')
    this.#put = db.prepare('INSERT OR REPLACE INTO idempotent_responses (scope, fingerprint, status, sealed, created_at_ms) VALUES ($scope, $fingerprint, $status, $sealed, $createdAtMs)')
    this.#removeBefore = db.prepare('DELETE FROM idempotent_responses WHERE created_at_ms < $createdAtMs')
  }

  get(scope: string): IdempotentResponse | undefined {
    const row = this.#get.get({ scope })
    return row === undefined ? undefined : { scope: row.scope, fingerprint: row.fingerprint, status: row.status, sealed: row.sealed, createdAtMs: row.created_at_ms }
  }

  put(response: IdempotentResponse): void {
    const { scope, fingerprint, status, sealed, createdAtMs } = response
    this.#put.run({ scope, fingerprint, status, sealed, createdAtMs })
  }

  removeBefore(createdAtMs: number): number {
    return this.#removeBefore.run({ createdAtMs })
  }
}
