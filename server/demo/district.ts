import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { done, uploadClip, type LoaClient } from '../../control/client/index.ts'

const COMMUNES: readonly { readonly name: string; readonly hamlets: readonly string[] }[] = [
  { name: 'Xã Sông Thượng', hamlets: ['Bến Đò', 'Cầu Đá', 'Đình Làng', 'Đồng Lúa', 'Gò Cao', 'Chợ Sớm', 'Trường Học', 'Nhà Văn Hóa'] },
  { name: 'Xã Núi Xanh', hamlets: ['Bản Thác', 'Đồi Chè', 'Dốc Cao', 'Khe Lạnh', 'Nương Ngô', 'Rừng Cọ', 'Suối Mơ', 'Trạm Y Tế'] },
  { name: 'Xã Biển Sớm', hamlets: ['Bãi Cát', 'Cảng Cá', 'Đê Biển', 'Hải Đăng', 'Làng Chài', 'Muối Trắng', 'Rặng Phi Lao', 'Ủy Ban Xã'] },
]
const RELAY_HOURS = 12
/** The announcement is said again until it is stopped, for some minutes at most. */
const ANNOUNCEMENT_REPEATS = 20

export interface DemoCluster {
  readonly id: string
  readonly key: string
  readonly name: string
}

export interface District {
  readonly provinceId: string
  readonly communeIds: readonly string[]
  /** Those that the demo itself listens as. */
  readonly clusters: readonly DemoCluster[]
  /** One more, for whoever wants to listen. */
  readonly spare: DemoCluster
  readonly announcementClipId: string
  /** The source that relays the radio station. */
  readonly relayId: string
}

/** Creates a province, a district, three communes and their clusters, and puts the radio station on the air in all of them. */
export async function createDistrict(loa: LoaClient, stationUrl: string, announcement: string): Promise<District> {
  const province = done(await loa.POST('/v1/units', { body: { code: 'T01', name: 'Tỉnh Hạ Du', parentId: null } }))
  const district = done(await loa.POST('/v1/units', { body: { code: 'H01', name: 'Huyện Ba Sông', parentId: province.id } }))
  const clusters: DemoCluster[] = []
  const communeIds: string[] = []
  let spare: DemoCluster | undefined
  for (const [index, { name, hamlets }] of COMMUNES.entries()) {
    const commune = done(await loa.POST('/v1/units', { body: { code: `X0${String(index + 1)}`, name, parentId: district.id } }))
    communeIds.push(commune.id)
    for (const [number, hamlet] of hamlets.entries()) {
      const position = { lat: 17.4 + index * 0.05 + number * 0.004, lon: 106.5 + index * 0.06 + number * 0.005 }
      clusters.push(await createCluster(loa, commune.id, `C${String(index + 1)}${String(number + 1)}`, `Cụm ${hamlet}`, position))
    }
    spare ??= await createCluster(loa, commune.id, 'C19', 'Cụm nghe thử', { lat: 17.4, lon: 106.5 })
  }
  const { id: announcementClipId } = await uploadClip(loa, new Blob([readFileSync(announcement)]), basename(announcement))
  const relay = done(await loa.POST('/v1/sources', { body: { kind: 'relay', name: 'Đài phát thanh Loa', urls: [stationUrl] } }))
  done(await loa.POST('/v1/orders', {
    body: {
      class: 'normal',
      title: 'Tiếp sóng Đài phát thanh Loa',
      sourceId: relay.id,
      targets: { units: [province.id] },
      durationMs: RELAY_HOURS * 3600 * 1000,
    },
  }))
  return { provinceId: province.id, communeIds, clusters, spare: spare!, announcementClipId, relayId: relay.id }
}

async function createCluster(loa: LoaClient, unitId: string, code: string, name: string, position: { readonly lat: number; readonly lon: number }): Promise<DemoCluster> {
  const { id, key } = done(await loa.POST('/v1/clusters', { body: { unitId, code, name, tags: ['demo'], position } }))
  return { id, key, name }
}

/** The emergency that the key `e` cuts in and out. */
export class Emergency {
  readonly #loa: LoaClient
  readonly #district: District
  #orderId: string | null = null

  constructor(loa: LoaClient, district: District) {
    this.#loa = loa
    this.#district = district
  }

  get isOnAir(): boolean {
    return this.#orderId !== null
  }

  async cutIn(): Promise<void> {
    const { provinceId, announcementClipId } = this.#district
    const { id } = done(await this.#loa.POST('/v1/orders', {
      body: {
        class: 'emergency',
        title: 'KHẨN CẤP: nước sông lên nhanh',
        clipIds: Array.from({ length: ANNOUNCEMENT_REPEATS }, () => announcementClipId),
        targets: { units: [provinceId] },
      },
    }))
    this.#orderId = id
  }

  async cutOut(): Promise<void> {
    const id = this.#orderId
    this.#orderId = null
    if (id !== null) done(await this.#loa.POST('/v1/orders/{id}/stop', { params: { path: { id } } }))
  }
}
