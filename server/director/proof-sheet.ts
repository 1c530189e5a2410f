import type { ClusterProof } from '../../control/proof/proof.ts'
import type { Plan } from '../../rooms/plan.ts'
import type { OpenProof, OrderRecord, RunningProof } from '../../control/ports.ts'

/** An order that has no report yet, and what is known of each cluster it means. */
export class ProofSheet {
  readonly openedAtMs: number
  order: OrderRecord
  /** False: not every cluster could be watched. */
  complete = true
  /** Nothing is changed any more: the report is being written. */
  isFrozen = false
  /** Something has changed that those who watch have not been told. */
  hasNews = true
  /** Since when no cluster has more of it to play, house wall ms; null: some have, or it is not known. */
  doneAtMs: number | null = null
  /** Clusters on which it is on air now. */
  readonly onAir = new Set<string>()
  readonly #proofs = new Map<string, ClusterProof>()
  readonly #unsaved = new Set<string>()

  constructor(order: OrderRecord, openedAtMs: number) {
    this.order = order
    this.openedAtMs = openedAtMs
  }

  get size(): number {
    return this.#proofs.size
  }

  get clusterIds(): Iterable<string> {
    return this.#proofs.keys()
  }

  proofs(): ClusterProof[] {
    return [...this.#proofs.values()]
  }

  get(clusterId: string): ClusterProof | undefined {
    return this.#proofs.get(clusterId)
  }

  /** Puts what is on the disk already. */
  restore(proof: ClusterProof): void {
    this.#proofs.set(proof.clusterId, proof)
  }

  /** Nothing is done when nothing is new. */
  put(proof: ClusterProof): void {
    if (this.#proofs.get(proof.clusterId) === proof) return
    this.#proofs.set(proof.clusterId, proof)
    this.#unsaved.add(proof.clusterId)
    this.hasNews = true
  }

  /** At most so many that are not on the disk; `saved` says that they are. */
  unsaved(most: number): OpenProof[] {
    const proofs: OpenProof[] = []
    for (const clusterId of this.#unsaved) {
      if (proofs.length >= most) break
      proofs.push({ orderId: this.order.id, clusterId, proof: JSON.stringify([this.openedAtMs, this.complete, this.#proofs.get(clusterId)]) })
    }
    return proofs
  }

  /** These are on the disk, as nothing has changed them meanwhile. */
  saved(proofs: readonly OpenProof[]): void {
    for (const { clusterId } of proofs) this.#unsaved.delete(clusterId)
  }

  view(): RunningProof {
    return { orderId: this.order.id, openedAtMs: this.openedAtMs, complete: this.complete, clusters: this.proofs() }
  }
}

/** @throws SyntaxError */
export const readProof = ({ proof }: OpenProof): { readonly openedAtMs: number; readonly complete: boolean; readonly proof: ClusterProof } => {
  const [openedAtMs, complete, read] = JSON.parse(proof) as [number, boolean, ClusterProof]
  return { openedAtMs, complete, proof: read }
}

/** Whether any of these plans has the order on air now or later. */
export const isPlanned = (plans: Iterable<Plan>, orderId: string, nowSamples: number): boolean => {
  for (const plan of plans) if (plan.some((segment) => (segment.orderId === orderId || segment.under?.orderId === orderId) && segment.untilSamples > nowSamples)) return true
  return false
}
