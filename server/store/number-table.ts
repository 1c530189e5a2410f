import type { NumberStore } from '../../control/ports.ts'
import type { Database, Statement } from './database.ts'

/** How far the numbers of signed messages may have gone. */
export class NumberTable implements NumberStore {
  readonly #get: Statement<{ readonly ceiling: number }>
  readonly #raise: Statement

  constructor(db: Database) {
    this.#get = db.prepare('SELECT ceiling FROM signed_numbers')
    this.#raise = db.prepare('INSERT INTO signed_numbers (id, ceiling) VALUES (1, $ceiling) ON CONFLICT (id) DO UPDATE SET ceiling = max(ceiling, $ceiling)')
  }

  ceiling(): number {
    return this.#get.get()?.ceiling ?? 0
  }

  raise(ceiling: number): void {
    this.#raise.run({ ceiling })
  }
}
