import { pino, type Logger } from 'pino'

/** Structured log on standard error; what a person must see is printed on standard output by main.ts. */
export function createLogger(level: string, role: string): Logger {
  return pino({ level, base: { role }, redact: { paths: ['key', 'token', '*.key', '*.token', 'adminToken', '*.adminToken', 'smtpPassword', '*.smtpPassword', 'req.headers.authorization'], censor: '[hidden]' } }, pino.destination({ fd: 2, sync: false }))
}
