import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { PhoneLanguage } from '../../control/ports.ts'
import { CallRecording } from '../phone/call-recording.ts'
import { CallSession } from '../phone/call-session.ts'
import type { PhoneLine } from '../phone/phone-call.ts'
import { PhoneLink } from '../phone/phone-link.ts'
import { PromptBook } from '../phone/prompt-book.ts'
import type { RoleRuntime, RunningRole } from './role-runtime.ts'

/** Takes calls and leads their dialogues. What it parses comes from anybody, so it is a process of its own: nothing but calls goes with it. */
export async function runPhone(runtime: RoleRuntime, openLine: () => Promise<PhoneLine>): Promise<RunningRole> {
  const { config, clock } = runtime
  const logger = runtime.logger.child({ role: 'phone' })
  const language = config.phoneLanguage as PhoneLanguage
  const prompts = new PromptBook({
    folder: join(config.dataDir, 'phone', 'prompts'),
    onMute: (error) => { logger.error({ err: error }, 'prompts cannot be spoken; callers hear beeps. Is espeak-ng installed?') },
  })
  const line = await openLine()
  const sessions = new Map<string, CallSession>()
  const link = new PhoneLink({
    runDir: config.runDir,
    clock,
    report: () => line.report(),
    onNotice: (callId, notice) => { sessions.get(callId)?.notice(notice) },
  })
  let isClosing = false
  line.onCall((call) => {
    if (isClosing || sessions.size >= config.sipMaxCalls) return null
    // What a caller sends names nothing here.
    const id = `call-${randomUUID()}`
    logger.info({ callId: id, callerId: call.callerId, remoteAddress: call.remoteAddress }, 'call comes in')
    const session = new CallSession({
      id, call, language, mediaLostMs: config.sipMediaLostMs, link: link.call(id), prompts, runDir: config.runDir, clock, logger,
      record: () => new CallRecording(config.dataDir, id, (error) => { logger.error({ callId: id, err: error }, 'a call cannot be recorded') }),
      onOver: () => { sessions.delete(id) },
    })
    sessions.set(id, session)
    return session
  })
  void prompts.prepare(language)

  const close = async (): Promise<void> => {
    isClosing = true
    await Promise.all([...sessions.values()].map((session) => session.close()))
    await line.close()
    link.close()
  }
  let closing: Promise<void> | undefined
  return { close: () => (closing ??= close()) }
}
