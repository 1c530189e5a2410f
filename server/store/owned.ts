import type { OwnedFilter } from '../../control/ports.ts'

/** For a table with `unit_id`: what `OwnedFilter` lets through. */
export const OWNED_BY = '($owners IS NULL OR unit_id IS NULL OR unit_id IN (SELECT value FROM json_each($owners)))'

export const ownersParameter = ({ owners }: OwnedFilter): string | null => (owners === undefined ? null : JSON.stringify(owners))
