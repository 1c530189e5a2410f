import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { sessionChanged } from '../../api/session-change.ts'

/** Opens a session that the browser keeps; nothing that was read before counts any more. @throws LoaProblem */
export async function logIn(body: { readonly login: string; readonly password: string; readonly code?: string }): Promise<void> {
  done(await loa.POST('/v1/sessions', { body }))
  await sessionChanged()
}
