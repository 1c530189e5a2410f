import { LoaProblem } from '../../../control/client/index.ts'
import { common } from '../words/common.ts'
import { currentLanguage } from '../words/language.ts'
import { ChangedElsewhere } from './changed-elsewhere.ts'
import { isLost, NoAnswer, OtherNoAnswer } from './sender.ts'

/** Errors of queries are the bodies themselves. */
interface Told { readonly code: string; readonly status: number; readonly title: string; readonly detail: string }
const isTold = (error: unknown): error is Told => typeof error === 'object' && error !== null && 'code' in error && 'detail' in error

/** Whether the server answered and said no: to ask again changes nothing. */
export const isRefused = (error: unknown): boolean => (error instanceof LoaProblem ? error.status < 500 : isTold(error) && error.status < 500)

/** The stable code of what was refused, or null when nobody answered. */
export function problemCode(error: unknown): string | null {
  if (error instanceof LoaProblem) return error.problem?.code ?? null
  return isTold(error) ? error.code : null
}

/** For the reader, in his language: the server tells it so. */
export function problemText(error: unknown): string {
  const words = common[currentLanguage()]
  const problem = error instanceof LoaProblem ? error.problem : isTold(error) ? error : undefined
  if (problem !== undefined) return problem.code === 'LOA_ERR_CHANGED' ? words.changedElsewhere : problem.detail
  if (error instanceof ChangedElsewhere) return words.changedElsewhere
  if (error instanceof OtherNoAnswer) return words.noAnswerBefore
  if (error instanceof NoAnswer) return words.noAnswer
  return isLost(error) ? words.requestFailed : words.unknownError
}
