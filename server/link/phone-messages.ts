import type { PhoneAnswer, PhoneNotice, PhoneQuestion } from '../../control/ports.ts'
import type { PhoneLineReport } from '../phone/phone-call.ts'
import type { Hello } from './messages.ts'

/** Messages between control and the process that takes calls; as all others, see messages.ts. Calls are named by ids that the process makes, never by what callers send. */

/** The calls that there are; the first after hello. */
export interface PhoneCalls {
  readonly type: 'phone-calls'
  readonly callIds: readonly string[]
}

/** Once a second. */
export interface PhoneLinesMessage {
  readonly type: 'phone-lines'
  readonly lines: PhoneLineReport
  readonly cpuMsTotal: number
  readonly rssBytes: number
}

export interface PhoneBegan {
  readonly type: 'phone-began'
  readonly callId: string
  readonly callerId: string
  readonly remoteAddress: string
  readonly atWallMs: number
}

export interface PhoneAsk {
  readonly type: 'phone-ask'
  readonly callId: string
  readonly requestId: number
  readonly question: PhoneQuestion
}

/** Said again after each hello until it has been noted. */
export interface PhoneEnded {
  readonly type: 'phone-ended'
  readonly callId: string
  readonly reason: string
}

/** The same. */
export interface PhoneRecorded {
  readonly type: 'phone-recorded'
  readonly callId: string
  readonly recording: { readonly durationMs: number; readonly sizeBytes: number }
}

export interface PhoneReply {
  readonly type: 'phone-answer'
  readonly callId: string
  readonly requestId: number
  readonly answer: PhoneAnswer
}

export interface PhoneNoticeMessage {
  readonly type: 'phone-notice'
  readonly callId: string
  readonly notice: PhoneNotice
}

export interface PhoneNoted {
  readonly type: 'phone-noted'
  readonly callId: string
  readonly what: 'phone-ended' | 'phone-recorded'
}

export type PhoneToControl = Hello | PhoneCalls | PhoneLinesMessage | PhoneBegan | PhoneAsk | PhoneEnded | PhoneRecorded
export type ControlToPhone = PhoneReply | PhoneNoticeMessage | PhoneNoted
