import type { PhotoRecord, PhotoStore } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface PhotoRow {
  readonly cluster_id: string
  readonly sha256: string
  readonly size_bytes: number
  readonly created_at_ms: number
  readonly created_by: string
}

/** Which photo each cluster has; they go with their clusters. */
export class PhotoTable implements PhotoStore {
  readonly #put: Statement
  readonly #get: Statement<PhotoRow>
  readonly #remove: Statement
  readonly #isUsed: Statement<{ readonly used: number }>

  constructor(db: Database) {
    this.#put = db.prepare('INSERT OR REPLACE INTO cluster_photos (cluster_id, sha256, size_bytes, created_at_ms, created_by) VALUES ($clusterId, $sha256, $sizeBytes, $createdAtMs, $createdBy)')
    this.#get = db.prepare('SELECT * FROM cluster_photos WHERE cluster_id = $clusterId')
    this.#remove = db.prepare('DELETE FROM cluster_photos WHERE cluster_id = $clusterId')
    this.#isUsed = db.prepare('SELECT EXISTS (SELECT 1 FROM cluster_photos WHERE sha256 = $sha256) AS used')
  }

  put(photo: PhotoRecord): void {
    this.#put.run({ ...photo })
  }

  get(clusterId: string): PhotoRecord | undefined {
    const row = this.#get.get({ clusterId })
    return row === undefined ? undefined : { clusterId: row.cluster_id, sha256: row.sha256, sizeBytes: row.size_bytes, createdAtMs: row.created_at_ms, createdBy: row.created_by }
  }

  remove(clusterId: string): boolean {
    return this.#remove.run({ clusterId }) > 0
  }

  isUsed(sha256: string): boolean {
    return this.#isUsed.get({ sha256 })!.used === 1
  }
}
