import { NEVER_POLLED, type CapFeedRecord, type CapFeedState, type CapFeedStore, type CapSenderRecord, type CapSenderStore, type Page, type PageQuery, type Within } from '../../control/ports.ts'
import { cutPage, lieWithin, type Database, type Statement } from './database.ts'

interface RecordRow {
  readonly seq: number
  readonly record: string
}

const toSender = ({ record }: RecordRow): CapSenderRecord => JSON.parse(record) as CapSenderRecord
const senderParameters = (sender: CapSenderRecord) => ({ id: sender.id, sender: sender.sender, unitId: sender.unitId, record: JSON.stringify(sender) })

const listOf = (within: Within | undefined): string | null => (within == null ? null : JSON.stringify(within))

/** Senders as JSON; beside it what they are looked for by. They go with their units. */
export class CapSenderTable implements CapSenderStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #remove: Statement
  readonly #get: Statement<RecordRow>
  readonly #bySender: Statement<RecordRow>
  readonly #list: Statement<RecordRow>

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO cap_senders (id, sender, unit_id, record) VALUES ($id, $sender, $unitId, $record)')
    this.#replace = db.prepare('UPDATE cap_senders SET sender = $sender, unit_id = $unitId, record = $record WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM cap_senders WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM cap_senders WHERE id = $id')
    this.#bySender = db.prepare('SELECT * FROM cap_senders WHERE sender = $sender')
    this.#list = db.prepare(`SELECT * FROM cap_senders WHERE seq > $after AND ${lieWithin('unit_id')} ORDER BY seq LIMIT $rows`)
  }

  insert(sender: CapSenderRecord): CapSenderRecord {
    this.#insert.run(senderParameters(sender))
    return sender
  }

  replace(sender: CapSenderRecord): CapSenderRecord | undefined {
    return this.#replace.run(senderParameters(sender)) === 0 ? undefined : sender
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): CapSenderRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toSender(row)
  }

  bySender(sender: string): CapSenderRecord | undefined {
    const row = this.#bySender.get({ sender })
    return row === undefined ? undefined : toSender(row)
  }

  list(page: PageQuery, { within }: { readonly within?: Within }): Page<CapSenderRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, within: listOf(within) }), page, toSender)
  }
}

const toFeed = ({ record }: RecordRow): CapFeedRecord => JSON.parse(record) as CapFeedRecord
const feedParameters = (feed: CapFeedRecord) => ({ id: feed.id, senderId: feed.senderId, record: JSON.stringify(feed) })

/** Feeds go with their senders. */
export class CapFeedTable implements CapFeedStore {
  readonly #insert: Statement
  readonly #replace: Statement
  readonly #remove: Statement
  readonly #get: Statement<RecordRow>
  readonly #all: Statement<RecordRow>
  readonly #list: Statement<RecordRow>
  readonly #state: Statement<{ readonly state: string }>
  readonly #noteState: Statement

  constructor(db: Database) {
    this.#insert = db.prepare('INSERT INTO cap_feeds (id, sender_id, record, state) VALUES ($id, $senderId, $record, $state)')
    this.#replace = db.prepare('UPDATE cap_feeds SET sender_id = $senderId, record = $record WHERE id = $id')
    this.#remove = db.prepare('DELETE FROM cap_feeds WHERE id = $id')
    this.#get = db.prepare('SELECT * FROM cap_feeds WHERE id = $id')
    this.#all = db.prepare('SELECT * FROM cap_feeds ORDER BY seq')
    this.#list = db.prepare(`SELECT f.* FROM cap_feeds f JOIN cap_senders s ON s.id = f.sender_id WHERE f.seq > $after AND ${lieWithin('s.unit_id')} ORDER BY f.seq LIMIT $rows`)
    this.#state = db.prepare('SELECT state FROM cap_feeds WHERE id = $id')
    this.#noteState = db.prepare('UPDATE cap_feeds SET state = $state WHERE id = $id')
  }

  insert(feed: CapFeedRecord): CapFeedRecord {
    this.#insert.run({ ...feedParameters(feed), state: JSON.stringify(NEVER_POLLED) })
    return feed
  }

  replace(feed: CapFeedRecord): CapFeedRecord | undefined {
    return this.#replace.run(feedParameters(feed)) === 0 ? undefined : feed
  }

  remove(id: string): boolean {
    return this.#remove.run({ id }) > 0
  }

  get(id: string): CapFeedRecord | undefined {
    const row = this.#get.get({ id })
    return row === undefined ? undefined : toFeed(row)
  }

  all(): readonly CapFeedRecord[] {
    return this.#all.all().map(toFeed)
  }

  list(page: PageQuery, { within }: { readonly within?: Within }): Page<CapFeedRecord> {
    return cutPage(this.#list.all({ after: page.after ?? 0, rows: page.limit + 1, within: listOf(within) }), page, toFeed)
  }

  state(id: string): CapFeedState {
    const row = this.#state.get({ id })
    return row === undefined ? NEVER_POLLED : (JSON.parse(row.state) as CapFeedState)
  }

  noteState(id: string, state: CapFeedState): void {
    this.#noteState.run({ id, state: JSON.stringify(state) })
  }
}
