import type { ClusterRecord } from '../records.ts'

/**
 * Whether a test may sound there: the cluster is being put up or repaired, so nothing else does, and nobody lives by what it says. From the moment it is in
 * use no test reaches it, one that is on the air neither.
 */
export const isTestZone = ({ enabled, state }: Pick<ClusterRecord, 'enabled' | 'state'>): boolean => enabled && (state === 'planned' || state === 'repair')
