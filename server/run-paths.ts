import { join } from 'node:path'

/** Unix sockets of the roles, in `config.runDir`. */
export const controlSocket = (runDir: string): string => join(runDir, 'control.sock')
/** Frame bus of an engine. */
export const engineSocket = (runDir: string, index: number): string => join(runDir, `engine-${String(index)}.sock`)
/** Where other engines read the sources of an engine. */
export const pcmSocket = (runDir: string, index: number): string => join(runDir, `engine-${String(index)}-pcm.sock`)
/** Where fan-outs hand studio encoders over to an engine. */
export const ingestSocket = (runDir: string, index: number): string => join(runDir, `engine-${String(index)}-ingest.sock`)
/** Where fan-outs hand WHIP requests over to an engine. */
export const whipSocket = (runDir: string, index: number): string => join(runDir, `engine-${String(index)}-whip.sock`)
/** Where fan-outs hand WHEP requests over to the fan-out that hosts the session. */
export const whepSocket = (runDir: string, index: number): string => join(runDir, `fan-out-${String(index)}-whep.sock`)
