import { writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { ConsoleBrowser, startConsole } from '../test/support/console-browser.ts'
import type { LoaServer } from '../test/support/loa-server.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'
import { percentile, round } from './lib/statistics.ts'

/**
 * The calendar with a week of 504 plays, 72 a day in 24 communes: how long until they are there, and how long frames last while it is scrolled, while a play is dragged,
 * and while somebody types in the form. Real server, real Chromium without a graphics processor.
 *
 *   node bench/console-schedule.ts [FILE.json]
 */
const COMMUNES = 24
const PER_DAY = 72
const PLAYS = PER_DAY * 7
const BOUND_MS = 32
const DAY_MS = 86_400_000
const ASKED_WITHIN_MS = 2000

/** In the page: keeps how long frames last until it is asked. */
const WATCH = `window.frames500 = []; window.isWatched = true; (async () => {
  let before = await new Promise(requestAnimationFrame)
  while (window.isWatched) { const now = await new Promise(requestAnimationFrame); window.frames500.push(now - before); before = now }
})(); 0`
const SCROLL = `async (seconds) => {
  let one = document.querySelector('.week-grid .play')
  while (!(one.scrollHeight > one.clientHeight + 100 && /auto|scroll/.test(getComputedStyle(one).overflowY))) one = one.parentElement
  const until = performance.now() + seconds * 1000
  for (let step = 40; performance.now() < until; await new Promise(requestAnimationFrame)) {
    if (one.scrollTop + one.clientHeight >= one.scrollHeight - 1) step = -40
    if (one.scrollTop <= 0) step = 40
    one.scrollTop += step
  }
}`

async function fill(server: LoaServer): Promise<void> {
  const sourceId = String((await server.post('/v1/sources', { kind: 'tone', name: 'Đài xã', frequencyHz: 440 }))['id'])
  const communes: string[] = []
  for (let n = 0; n < COMMUNES; n++) {
    communes.push(await server.unit(`X${String(n)}`))
    await server.cluster(communes[n]!, `C${String(n)}`)
  }
  const tomorrow = new Date(Date.now() + 7 * 3_600_000 + DAY_MS).toISOString().slice(0, 10)
  for (let n = 0; n < PER_DAY; n++) {
    const minute = 5 * 60 + n * 13
    const unit = communes[n % COMMUNES]!
    await server.post('/v1/schedule-items', { title: `Bản tin ${String(n)}`, class: 'normal', sourceId, durationMs: 900_000, targets: { units: [unit] }, issuer: unit, time: `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`, firstDay: tomorrow, repeat: { kind: 'daily' } })
  }
}

/** Frames while something is done. */
async function framesOf(page: Page, doIt: () => Promise<unknown>): Promise<number[]> {
  await page.evaluate(WATCH)
  await doIt()
  return await page.evaluate('window.isWatched = false; window.frames500')
}

async function drag(page: Page): Promise<void> {
  const box = await page.locator('.week-grid .play').nth(30).boundingBox()
  if (box === null) throw new Error('the play is not in sight')
  await page.mouse.move(box.x + box.width / 2, box.y + 4)
  await page.mouse.down()
  for (let round = 0; round < 4; round++) {
    await page.mouse.move(box.x + box.width / 2 + 500, box.y + 200, { steps: 40 })
    await page.mouse.move(box.x + box.width / 2, box.y + 4, { steps: 40 })
  }
  await page.mouse.up()
}

/** Where a play was let go it may be asked which plays are meant. */
async function refuse(page: Page): Promise<void> {
  const asked = page.getByRole('dialog')
  await asked.waitFor({ timeout: ASKED_WITHIN_MS }).then(() => page.keyboard.press('Escape'), () => undefined)
  await asked.waitFor({ state: 'detached' })
}

const teardowns: (() => Promise<void>)[] = []
const t = { teardown: (fn: () => Promise<void>): void => { teardowns.unshift(fn) } }
try {
  const server = await startConsole(t)
  await fill(server)
  const page = await (await ConsoleBrowser.open(t, server)).person('lan', [{ role: 'administrator', unitId: null }])
  const all = `document.querySelectorAll('.week-grid .play').length >= ${String(PLAYS)}`
  await page.goto('/schedule')
  await page.locator('.week-grid .play').first().or(page.getByRole('button', { name: 'Sau', exact: true })).first().waitFor()
  const openedMs = performance.now()
  await page.getByRole('button', { name: 'Sau', exact: true }).click()
  await page.waitForFunction(all, undefined, { timeout: 60_000 })
  const shownMs = performance.now() - openedMs
  const scrolled = await framesOf(page, () => page.evaluate(`(${SCROLL})(5)`))
  await page.locator('.week-grid .play').nth(30).scrollIntoViewIfNeeded()
  const dragged = await framesOf(page, () => drag(page))
  await refuse(page)
  await page.getByRole('button', { name: 'Thêm mục' }).click()
  const title = page.getByRole('dialog').getByLabel('Tên mục')
  await title.waitFor()
  const typed = await framesOf(page, () => title.pressSequentially('Bản tin sáng của đài truyền thanh xã về phòng chống lụt bão', { delay: 60 }))
  const results = Object.entries({ scroll: scrolled, drag: dragged, type: typed }).map(([what, frames]) => {
    const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => round(percentile(frames, share)))
    console.log(`${what}: p50 ${String(p50Ms)} ms, p95 ${String(p95Ms)}, p99 ${String(p99Ms)}, max ${String(round(Math.max(...frames)))} of ${String(frames.length)} frames`)
    return { id: `console-schedule-${what}-p95-ms`, value: p95Ms!, bound: BOUND_MS, better: 'less', pass: p95Ms! <= BOUND_MS, unit: 'ms', detail: { frames: frames.length, p50Ms, p95Ms, p99Ms, plays: PLAYS } }
  })
  console.log(`${String(PLAYS)} plays are there ${(shownMs / 1000).toFixed(2)} s after the week is asked for`)
  if (results.some(({ pass }) => !pass)) process.exitCode = 1
  const [file] = process.argv.slice(2)
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ machine: describeMachine(), commit: currentCommit(), node: process.version, shownMs: round(shownMs), results }, null, 1)}\n`)
} finally {
  for (const teardown of teardowns) await teardown()
}
