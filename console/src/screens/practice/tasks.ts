import type { Right } from '../../api/rights.ts'
import type { words } from './words.ts'

/** What has been done by one person since he began, as the API tells it. */
export interface Deeds {
  readonly sawNow: boolean
  readonly orders: readonly { readonly class: string; readonly stoppedAt: string | null; readonly alert: unknown }[]
  readonly items: number
  readonly alerts: readonly { readonly closed: unknown }[]
}

export interface Task {
  readonly word: 'look' | 'order' | 'stop' | 'schedule' | 'exercise' | 'end'
  readonly right: Right
  readonly href: string
  readonly isDone: (deeds: Deeds) => boolean
}

const ordinary = ({ orders }: Deeds) => orders.filter(({ alert }) => alert === null)

/** In the order in which a newcomer meets them. Done is what the server says was done, not what was clicked. */
export const TASKS: readonly Task[] = [
  { word: 'look', right: 'view', href: '/', isDone: ({ sawNow }) => sawNow },
  { word: 'order', right: 'air', href: '/', isDone: (deeds) => ordinary(deeds).length > 0 },
  { word: 'stop', right: 'air', href: '/', isDone: (deeds) => ordinary(deeds).some(({ stoppedAt }) => stoppedAt !== null) },
  { word: 'schedule', right: 'plan', href: '/schedule', isDone: ({ items }) => items > 0 },
  { word: 'exercise', right: 'emergency', href: '/emergency', isDone: ({ alerts }) => alerts.length > 0 },
  { word: 'end', right: 'emergency', href: '/emergency', isDone: ({ alerts }) => alerts.some(({ closed }) => closed !== null) },
]

export type TaskWord = keyof (typeof words)['vi']
