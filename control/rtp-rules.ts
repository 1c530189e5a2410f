import type { RtpBroadcast, RtpOutputRecord } from './rtp-port.ts'
import { ApiError } from './problem.ts'
import { invalid } from './validation.ts'

const wrong = (path: string, message: string, messageVi: string): ApiError => invalid([{ path, message, messageVi }])

const ADDRESS_FAULTS = {
  'not-an-address': ['must be an IPv4 or IPv6 address', 'phải là địa chỉ IPv4 hoặc IPv6'],
  'not-a-group': ['must be a multicast group: 224.0.0.0/4 or ff00::/8', 'phải là nhóm multicast: 224.0.0.0/4 hoặc ff00::/8'],
  'a-group': ['is a multicast group: use the mode multicast', 'là nhóm multicast: dùng chế độ multicast'],
  'reserved': ['is reserved: no stream may go there', 'là địa chỉ dành riêng: không được phát tới đó'],
} as const

/** The address of an output in its canonical form. */
export function checkRtpAddress(rtp: RtpBroadcast, mode: RtpOutputRecord['mode'], address: string): string {
  const judged = rtp.address(mode, address)
  if ('canonical' in judged) return judged.canonical
  const [message, messageVi] = ADDRESS_FAULTS[judged.fault]
  throw wrong('address', message, messageVi)
}

/** What must fit together beyond what a schema can say. */
export function checkRtpOutput({ mode, codec, ptimeMs, sap }: Pick<RtpOutputRecord, 'mode' | 'codec' | 'ptimeMs' | 'sap'>): void {
  if (codec === 'opus' && ptimeMs === 10) throw wrong('ptimeMs', 'must be 20, 40 or 60 for opus', 'phải là 20, 40 hoặc 60 với opus')
  if (sap && mode === 'unicast') throw wrong('sap', 'must be false for unicast: there is nobody to announce it to', 'phải là false với unicast: không có ai để thông báo')
}

/** Two streams to one port would be noise; and RTCP of the one must not meet RTP of the other. */
export function checkRtpPortFree(all: readonly RtpOutputRecord[], address: string, port: number): void {
  const other = all.find((output) => output.address === address && Math.abs(output.port - port) <= 1)
  if (other !== undefined) throw new ApiError('LOA_ERR_IN_USE', `the output ${other.id} sends to ${address}, ports ${String(other.port)} and ${String(other.port + 1)}`, `đầu ra ${other.id} đang phát tới ${address}, cổng ${String(other.port)} và ${String(other.port + 1)}`)
}
