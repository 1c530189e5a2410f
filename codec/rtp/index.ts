/** RTP as bytes: packets, reports, descriptions, announcements. Pure; no sockets, no clock. */
export { ntpMiddle, ntpTime, unixMsOfNtp, type NtpTime } from './ntp-time.ts'
export { combineOpusPackets } from './opus-repacketizer.ts'
export { MAX_BRIDGED_SAMPLES, PacketOrder, type InTurn } from './packet-order.ts'
export { RTP_CLOCK_HZ, RTP_FRAME_SAMPLES, RTP_PAYLOAD_TYPE, RtpPacketizer, type RtpCodec, type StreamIdentity, type TimedPacket } from './packetizer.ts'
export { parseRtcp, receiverReport, senderBye, senderReport, type ReportBlock, type RtcpPacket, type SenderDescription, type SenderInfo } from './rtcp.ts'
export { parseRtpPacket, rtpPacket, type RtpHeader } from './rtp-packet.ts'
export { addressBytes, parseSap, SAP_MAX_BYTES, SAP_PORT, sapGroup, sapPacket, type SapPacket } from './sap.ts'
export { streamSdp, type StreamDescription } from './sdp.ts'
