import { Type, type Static } from 'typebox'
import { as, Nullable } from './common.ts'

export const ConsoleSettings = as('ConsoleSettings', Type.Object({
  tiles: Nullable(Type.Object({
    url: Type.String({ description: 'of pictures of a map, with {z}, {x} and {y}, and {s} for none' }),
    credit: Type.String({ description: 'whose they are, to be shown beside them' }),
  }, { additionalProperties: false, description: 'what lies under maps; null: outlines of provinces only' })),
}, { additionalProperties: false, examples: [{ tiles: { url: 'https://tiles.example.vn/{z}/{x}/{y}.png', credit: '© Sở Tài nguyên và Môi trường' } }] }))
export type ConsoleSettingsView = Static<typeof ConsoleSettings>
