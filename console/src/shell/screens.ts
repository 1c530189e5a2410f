import { Activity, BarChart3, CalendarDays, Library, Megaphone, Radio, Settings } from 'lucide-react'
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { Right } from '../api/rights.ts'
import type { ShellWord } from './words.ts'

export interface Screen {
  readonly path: string
  readonly word: ShellWord
  readonly icon: ComponentType<{ readonly size?: number; readonly 'aria-hidden'?: boolean }>
  /** Without any of these rights anywhere it is not shown. */
  readonly anyOf: readonly Right[]
  /** Stands in the bar at the foot of a phone; the others are one press further. */
  readonly inBar?: true
  readonly content: LazyExoticComponent<ComponentType>
}

/** In the order of the navigation. Each is a file of its own that is loaded when it is first opened. */
export const SCREENS: readonly Screen[] = [
  { path: '/', word: 'now', icon: Activity, anyOf: ['view'], inBar: true, content: lazy(() => import('../screens/now/index.tsx')) },
  { path: '/schedule', word: 'schedule', icon: CalendarDays, anyOf: ['view'], inBar: true, content: lazy(() => import('../screens/schedule/index.tsx')) },
  { path: '/library', word: 'library', icon: Library, anyOf: ['view'], content: lazy(() => import('../screens/library/index.tsx')) },
  { path: '/sources', word: 'sources', icon: Radio, anyOf: ['view'], content: lazy(() => import('../screens/sources/index.tsx')) },
  { path: '/clusters', word: 'clusters', icon: Megaphone, anyOf: ['view'], inBar: true, content: lazy(() => import('../screens/clusters/index.tsx')) },
  { path: '/figures', word: 'figures', icon: BarChart3, anyOf: ['view'], content: lazy(() => import('../screens/figures/index.tsx')) },
  { path: '/system', word: 'system', icon: Settings, anyOf: ['people', 'manage', 'audit', 'maintain', 'view'], content: lazy(() => import('../screens/system/index.tsx')) },
]

/** Reached by its own button from everywhere, not by the list. */
export const EMERGENCY_PATH = '/emergency'
/** Asked for before it is needed: an emergency waits for no file. */
export const loadEmergency = () => import('../screens/emergency/index.tsx')
export const Emergency = lazy(loadEmergency)

export const Account = lazy(() => import('../screens/account/index.tsx'))
export const Practice = lazy(() => import('../screens/practice/index.tsx'))
