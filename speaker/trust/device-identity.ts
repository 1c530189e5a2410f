import type { Identity } from '../ports.ts'
import { proofText, signWith } from './keys.ts'
import type { DeviceIdentity } from './trust-files.ts'

/** An enrolled device towards the server. */
export function deviceIdentity({ clusterId, deviceId, instanceId, publicKey, privateKey }: DeviceIdentity): Identity {
  return {
    kind: 'device',
    clusterId,
    hello: () => ({ deviceId, instanceId }),
    prove(nonce) {
      // Whoever asks may not choose what is signed beyond his one line.
      if (!/^[\w-]{16,128}$/.test(nonce)) return null
      return signWith({ publicKey, privateKey }, proofText(nonce, clusterId, deviceId, instanceId))
    },
  }
}
