/** The photo of a cluster: what stands there, for the inventory. */
export interface PhotoRecord {
  readonly clusterId: string
  /** Of the picture as it is kept, hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly createdAtMs: number
  /** Id of the token or user. */
  readonly createdBy: string
}

export interface PhotoStore {
  /** In the place of the one the cluster had. */
  put(photo: PhotoRecord): void
  get(clusterId: string): PhotoRecord | undefined
  remove(clusterId: string): boolean
  /** Whether any cluster has it. */
  isUsed(sha256: string): boolean
}

export type PhotoSize = 'full' | 'thumbnail'

/** Where pictures are made ready and kept. Errors carry a `code`: see error-handler.ts. */
export interface PhotoFolder {
  /** Reads JPEG, PNG or WebP, told by content, and keeps it anew as JPEG without anything that stood beside the picture. Leaves the file where it is. */
  prepare(inputPath: string): Promise<{ readonly sha256: string; readonly sizeBytes: number }>
  path(sha256: string, size: PhotoSize): string
  remove(sha256: string): Promise<void>
}
