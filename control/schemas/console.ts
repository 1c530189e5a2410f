import { Type, type Static } from 'typebox'
import { as, Nullable } from './common.ts'

export const ConsoleSettings = as('ConsoleSettings', Type.Object({
  tiles: Nullable(Type.Object({
    url: Type.String({ description: 'of pictures of a map, with {z}, {x} and {y}, and {s} for none' }),
    credit: Type.String({ description: 'whose they are, to be shown beside them' }),
  }, { additionalProperties: false, description: 'what lies under maps; null: outlines of provinces only' })),
  rtmpPort: Nullable(Type.Integer({ minimum: 1, maximum: 65535, description: 'TCP port that encoders push to by RTMP; null: it is off' })),
}, { additionalProperties: false, examples: [{ tiles: { url: 'https://tiles.example.vn/{z}/{x}/{y}.png', credit: '© Sở Tài nguyên và Môi trường' }, rtmpPort: 1935 }] }))
export type ConsoleSettingsView = Static<typeof ConsoleSettings>
