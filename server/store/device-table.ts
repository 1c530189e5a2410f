import type { DeviceRecord, DeviceStore, EnrolmentCodeRecord } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

interface DeviceRow {
  readonly id: string
  readonly cluster_id: string
  readonly public_key: string
  readonly enrolled_at_ms: number
  readonly remote_address: string
  readonly revoked_at_ms: number | null
}

const toDevice = (row: DeviceRow): DeviceRecord => ({
  id: row.id,
  clusterId: row.cluster_id,
  publicKey: row.public_key,
  enrolledAtMs: row.enrolled_at_ms,
  remoteAddress: row.remote_address,
  revokedAtMs: row.revoked_at_ms,
})

export class DeviceTable implements DeviceStore {
  readonly #db: Database
  readonly #addCode: Statement
  readonly #takeCode: Statement<{ readonly cluster_id: string }>
  readonly #usedBy: Statement<DeviceRow>
  readonly #revokeOthers: Statement
  readonly #put: Statement
  readonly #get: Statement<DeviceRow>
  readonly #ofCluster: Statement<DeviceRow>
  readonly #active: Statement<DeviceRow>
  readonly #activeOf: Statement<DeviceRow>
  readonly #revoke: Statement
  readonly #removeCodes: Statement

  constructor(db: Database) {
    this.#db = db
    this.#addCode = db.prepare('INSERT INTO enrolment_codes (hash, cluster_id, created_at_ms, created_by, expires_at_ms) VALUES ($hash, $clusterId, $createdAtMs, $createdBy, $expiresAtMs)')
    this.#takeCode = db.prepare('UPDATE enrolment_codes SET used_at_ms = $nowMs WHERE hash = $hash AND used_at_ms IS NULL AND expires_at_ms > $nowMs RETURNING cluster_id')
    // Code and device were written in one transaction, with one time.
    this.#usedBy = db.prepare(`
      SELECT devices.* FROM enrolment_codes AS codes JOIN devices ON devices.cluster_id = codes.cluster_id AND devices.enrolled_at_ms = codes.used_at_ms
      WHERE codes.hash = $hash AND codes.expires_at_ms > $nowMs AND devices.public_key = $publicKey AND devices.revoked_at_ms IS NULL`)
    this.#revokeOthers = db.prepare('UPDATE devices SET revoked_at_ms = $nowMs WHERE cluster_id = $clusterId AND revoked_at_ms IS NULL')
    // A device that kept its key pair may be enrolled again, here or for another cluster.
    this.#put = db.prepare(`
      INSERT INTO devices (id, cluster_id, public_key, enrolled_at_ms, remote_address, revoked_at_ms) VALUES ($id, $clusterId, $publicKey, $nowMs, $remoteAddress, NULL)
      ON CONFLICT (id) DO UPDATE SET cluster_id = $clusterId, public_key = $publicKey, enrolled_at_ms = $nowMs, remote_address = $remoteAddress, revoked_at_ms = NULL`)
    this.#get = db.prepare('SELECT * FROM devices WHERE id = $id')
    this.#ofCluster = db.prepare('SELECT * FROM devices WHERE cluster_id = $clusterId ORDER BY enrolled_at_ms DESC, seq DESC')
    this.#active = db.prepare('SELECT * FROM devices WHERE revoked_at_ms IS NULL ORDER BY seq')
    this.#activeOf = db.prepare('SELECT * FROM devices WHERE cluster_id = $clusterId AND revoked_at_ms IS NULL')
    this.#revoke = db.prepare('UPDATE devices SET revoked_at_ms = $nowMs WHERE id = $id AND revoked_at_ms IS NULL')
    this.#removeCodes = db.prepare('DELETE FROM enrolment_codes WHERE expires_at_ms < $expiresAtMs')
  }

  addCode({ hash, clusterId, createdAtMs, createdBy, expiresAtMs }: EnrolmentCodeRecord): void {
    this.#addCode.run({ hash, clusterId, createdAtMs, createdBy, expiresAtMs })
  }

  enrol(codeHash: string, { id, publicKey, remoteAddress }: { readonly id: string; readonly publicKey: string; readonly remoteAddress: string }, nowMs: number): DeviceRecord | undefined {
    return this.#db.transaction(() => {
      const code = this.#takeCode.get({ hash: codeHash, nowMs })
      if (code === undefined) {
        const again = this.#usedBy.get({ hash: codeHash, publicKey, nowMs })
        return again === undefined ? undefined : toDevice(again)
      }
      this.#revokeOthers.run({ clusterId: code.cluster_id, nowMs })
      this.#put.run({ id, clusterId: code.cluster_id, publicKey, remoteAddress, nowMs })
      return this.get(id)
    })
  }

  get(id: string): DeviceRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toDevice(row)
  }

  ofCluster(clusterId: string): readonly DeviceRecord[] {
    return this.#ofCluster.all({ clusterId }).map(toDevice)
  }

  active(): readonly DeviceRecord[] {
    return this.#active.all().map(toDevice)
  }

  activeOf(clusterId: string): DeviceRecord | undefined {
    const row = this.#activeOf.get({ clusterId })
    return row === undefined ? undefined : toDevice(row)
  }

  revoke(id: string, nowMs: number): DeviceRecord | undefined {
    this.#revoke.run({ id, nowMs })
    return this.get(id)
  }

  removeCodesBefore(expiresAtMs: number): number {
    return this.#removeCodes.run({ expiresAtMs })
  }
}
