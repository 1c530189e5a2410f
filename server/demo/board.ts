import type { Counters } from './counters.ts'

const REDRAW = '\x1b[J'
const RED = '\x1b[1;31m'
const PLAIN = '\x1b[0m'

/** Shows the counters: some lines that are written over on a terminal, one line a time elsewhere. */
export class Board {
  readonly #isTerminal: boolean
  #linesDrawn = 0

  constructor() {
    this.#isTerminal = process.stdout.isTTY
  }

  show(counters: Counters, emergency: boolean, total: number): void {
    const { title, listeners, hearing, framesPerSecond, kilobitsPerSecond, latenessP99Ms, gapFrames, cpuPercent, memoryMib, lastCut } = counters
    const cpu = Object.entries(cpuPercent).map(([role, percent]) => `${role} ${percent.toFixed(0)} %`).join(', ')
    const p99 = latenessP99Ms === null ? '–' : latenessP99Ms === Infinity ? '> 1000 ms' : `≤ ${String(latenessP99Ms)} ms`
    const onAir = title === '' ? '(im lặng / silence)' : title
    if (!this.#isTerminal) {
      this.say(`on air: ${onAir} | hearing ${String(hearing)}/${String(total)} of ${String(listeners)} listeners, ${framesPerSecond.toFixed(0)} frames/s | late p99 ${p99}, gaps ${String(gapFrames)} | CPU ${cpu}`)
      return
    }
    const lines = [
      `Đang phát / on air    ${emergency ? RED : ''}${onAir}${PLAIN}`,
      `Người nghe / hearing  ${String(hearing)}/${String(total)} cụm loa / clusters, ${String(listeners)} kết nối / connections, ${kilobitsPerSecond.toFixed(0)} kbit/s`,
      `Khung / frames        ${framesPerSecond.toFixed(0)}/s, trễ / late p99 ${p99}, mất / gaps ${String(gapFrames)}`,
      `CPU                   ${cpu} (một nhân / of one core), ${memoryMib.toFixed(0)} MiB`,
      `Cắt sóng / last cut   ${lastCut === null ? '–' : `${lastCut.elapsedMs.toFixed(1)} ms`}`,
      `${RED}e${PLAIN} ${emergency ? 'dừng khẩn cấp / end the emergency' : 'phát khẩn cấp / cut an emergency in'}   ${RED}q${PLAIN} thoát / quit`,
    ]
    process.stdout.write(`${this.#linesDrawn > 0 ? `\x1b[${String(this.#linesDrawn)}F` : ''}${REDRAW}${lines.join('\n')}\n`)
    this.#linesDrawn = lines.length
  }

  /** A line that stays. */
  say(text: string): void {
    process.stdout.write(`${this.#linesDrawn > 0 ? `\x1b[${String(this.#linesDrawn)}F${REDRAW}` : ''}${text}\n`)
    this.#linesDrawn = 0
  }
}
