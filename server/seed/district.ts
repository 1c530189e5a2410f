import { NO_EQUIPMENT, type Equipment } from '../../control/ports.ts'
import type { SheetCluster } from '../../control/cluster-sheet.ts'

/**
 * The district of the founding plan: 22 stations, of which 1 is IP, 3 are wired and 18 are FM, 330 clusters, 731 loudspeakers. The names are those of its
 * communes; which station has which technology, where clusters stand and when they were built is made up, the same every time.
 */
const DISTRICT = { code: 'TY', name: 'Huyện Tân Yên' }
const TOWNSHIPS = ['Cao Thượng', 'Nhã Nam']
const COMMUNES = ['An Dương', 'Cao Xá', 'Đại Hóa', 'Hợp Đức', 'Lam Cốt', 'Lan Giới', 'Liên Chung', 'Liên Sơn', 'Ngọc Châu', 'Ngọc Lý', 'Ngọc Thiện', 'Ngọc Vân', 'Phúc Hòa', 'Phúc Sơn', 'Quang Tiến', 'Quế Nham', 'Song Vân', 'Tân Trung', 'Việt Lập', 'Việt Ngọc']
const STATIONS = [...TOWNSHIPS.map((name) => `Thị trấn ${name}`), ...COMMUNES.map((name) => `Xã ${name}`)]
const IP_STATIONS = 1
const WIRED_STATIONS = 3
const CLUSTERS = 330
const LOUDSPEAKERS = 731
const FIRST_BUILD_YEAR = 2015
const BUILD_YEARS = 7
const YEARS_TO_WRITE_OFF = 5

/** Of the north-western commune; the others stand in rows of five, four kilometres apart. */
const CORNER = { lat: 21.45, lon: 106.04 }
const COMMUNE_STEP_DEGREES = 0.036
const ROW = 5
/** A cluster is this much further from the middle of its commune than the one before; the angle lets none stand before another. */
const CLUSTER_STEP_DEGREES = 0.0009
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))

export interface SeedUnit {
  readonly code: string
  readonly name: string
  /** Code of the unit above. */
  readonly parent: string | null
}

export interface SeedDistrict {
  /** Parents before children. */
  readonly units: readonly SeedUnit[]
  readonly clusters: readonly SheetCluster[]
}

export function seedDistrict(): SeedDistrict {
  const stations = STATIONS.map((name, index): SeedUnit => ({ code: `${DISTRICT.code}${twoDigits(index + 1)}`, name, parent: DISTRICT.code }))
  const clusters = Array.from({ length: CLUSTERS }, (_, index) => clusterOf(index, stations))
  return { units: [{ ...DISTRICT, parent: null }, ...stations], clusters }
}

function clusterOf(index: number, stations: readonly SeedUnit[]): SheetCluster {
  const perStation = CLUSTERS / stations.length
  const at = Math.floor(index / perStation)
  const station = stations[at]!
  const number = (index % perStation) + 1
  const technology = technologyOf(at)
  const buildYear = FIRST_BUILD_YEAR + (technology === 'ip' ? BUILD_YEARS - 1 : index % BUILD_YEARS)
  const reach = number * CLUSTER_STEP_DEGREES
  return {
    ...NO_EQUIPMENT,
    code: `${station.code}-${twoDigits(number)}`,
    name: `Cụm loa số ${String(number)}, ${station.name}`,
    unit: station.code,
    state: 'active',
    enabled: true,
    tags: [],
    latitude: degrees(CORNER.lat - Math.floor(at / ROW) * COMMUNE_STEP_DEGREES + reach * Math.sin(number * GOLDEN_ANGLE)),
    longitude: degrees(CORNER.lon + (at % ROW) * COMMUNE_STEP_DEGREES + reach * Math.cos(number * GOLDEN_ANGLE)),
    technology,
    loudspeakers: Math.floor(((index + 1) * LOUDSPEAKERS) / CLUSTERS) - Math.floor((index * LOUDSPEAKERS) / CLUSTERS),
    buildYear,
    depreciatedOn: `${String(buildYear + YEARS_TO_WRITE_OFF)}-12-31`,
  }
}

function technologyOf(station: number): NonNullable<Equipment['technology']> {
  if (station < IP_STATIONS) return 'ip'
  return station < IP_STATIONS + WIRED_STATIONS ? 'wired' : 'fm'
}

const twoDigits = (n: number): string => String(n).padStart(2, '0')
/** A tenth of a metre. */
const degrees = (value: number): number => Math.round(value * 1e6) / 1e6
