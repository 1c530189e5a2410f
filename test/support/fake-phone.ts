import { PhoneDesk, type AlertDesk, type Broadcast, type ControlClock, type ControlConfig, type PhoneLines, type PhoneNotice, type Store } from '../../control/index.ts'
import { PinGuard } from '../../control/phone/pin-guard.ts'
import { createPhoneRecordings } from '../../server/phone/call-recording.ts'

/** The desk of the telephone, with a process at its other side that is what the test says. */
export class FakePhone {
  readonly desk: PhoneDesk
  readonly guard: PinGuard
  readonly notices: { readonly callId: string; readonly notice: PhoneNotice }[] = []
  readonly errors: unknown[] = []
  readonly parts
  linesNow: PhoneLines | null = { accounts: [], calls: 0, refusedTotal: 0 }
  readonly #listeners = new Set<() => void>()

  constructor({ dataDir, ...ports }: { readonly store: Store; readonly broadcast: Broadcast; readonly clock: ControlClock; readonly config: ControlConfig; readonly alerts: AlertDesk; readonly dataDir: string }) {
    const recordings = createPhoneRecordings(dataDir)
    const exchange = {
      configured: true,
      lines: () => this.linesNow,
      notice: (callId: string, notice: PhoneNotice) => { this.notices.push({ callId, notice }) },
      engineOfSource: () => 0,
      watchLines: (listener: () => void) => {
        this.#listeners.add(listener)
        return () => { this.#listeners.delete(listener) }
      },
    }
    this.guard = new PinGuard(ports.clock, ports.store.phoneTries)
    this.desk = new PhoneDesk({ ...ports, exchange, recordings, isPeer: (address) => address === '192.0.2.99', rules: { phoneRecordingKeepDays: 90, phoneRecordingMaxBytes: 2 ** 31 }, onError: (error) => { this.errors.push(error) } }, this.guard)
    this.parts = { desk: this.desk, exchange, recordings }
  }

  setLines(lines: PhoneLines | null): void {
    this.linesNow = lines
    for (const listener of this.#listeners) listener()
  }
}
