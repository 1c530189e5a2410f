import { parseArgs } from 'node:util'
import { AlreadyRunningError } from '../data-lock.ts'
import { SeedError, seedFolder, seedServer } from './seed.ts'

export const SEED_COMMAND = 'seed-district'

export const SEED_HELP = [
  '  seed-district [--data DIR]            make a district to try things with (22 stations, 330 clusters, 731 loudspeakers) in an empty folder; the server must be off',
  '  seed-district --url URL               the same on a running server; the token of an administrator stands in LOA_ADMIN_TOKEN',
].join('\n')

interface Output {
  readonly say: (text: string) => void
  readonly complain: (text: string) => void
  readonly nowMs: () => number
}

/**
 * `loa seed-district`
 * @param args what stands after it
 * @returns exit code: 0 well, 1 not, 2 misused
 */
export async function runSeed(args: readonly string[], environment: Readonly<Record<string, string | undefined>>, { say, complain, nowMs }: Output): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' }, url: { type: 'string' } } })
    if (values.url !== undefined && values.data !== undefined) throw new TypeError('give either --data or --url')
    const { units, clusters } = values.url === undefined
      ? seedFolder(values.data ?? environment['LOA_DATA_DIR'] ?? './loa-data', nowMs())
      : await seedServer(values.url, environment['LOA_ADMIN_TOKEN'] ?? '')
    say(`Đã tạo / made: ${String(units)} đơn vị / units, ${String(clusters)} cụm loa / clusters`)
    return 0
  } catch (error) {
    complain(`loa: ${error instanceof Error ? error.message : String(error)}`)
    return error instanceof SeedError || error instanceof AlreadyRunningError ? 1 : 2
  }
}
