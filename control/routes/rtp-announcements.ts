import { somewhere } from '../access.ts'
import type { Context, ControlApp } from '../context.ts'
import { readRtpDescription } from '../rtp-description.ts'
import { named, problems } from '../schemas/common.ts'
import { RtpAnnouncements } from '../schemas/source.ts'

export function rtpAnnouncementRoutes(app: ControlApp, { broadcast: { rtp } }: Context): void {
  app.get('/v1/rtp-announcements', {
    config: { access: somewhere('manage') },
    schema: { tags: ['sources'], summary: 'RTP streams that are announced in the network', description: 'What devices say of themselves by SAP (RFC 2974). Nothing proves it: a source made from an announcement keeps to the description and the senders it was made with, whatever is announced later.', response: { 200: named(RtpAnnouncements), ...problems(401, 403) } },
  }, () => {
    const heard = rtp.announcements()
    return {
      listening: heard !== null,
      items: (heard ?? []).map((announcement) => {
        const read = readRtpDescription(announcement.sdp)
        return 'stream' in read
          ? { ...announcement, stream: read.stream, senders: read.senders === null ? null : [...read.senders], fault: '', faultVi: '' }
          : { ...announcement, stream: null, senders: null, fault: read[0], faultVi: read[1] }
      }),
    }
  })
}
