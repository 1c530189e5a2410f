import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'
export type Size = 'normal' | 'wall'

const listeners = new Set<() => void>()
const root = document.documentElement

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null // a browser that keeps nothing
  }
}

function set(name: 'theme' | 'size', value: string, keep: boolean): void {
  root.dataset[name] = value
  try {
    if (keep) localStorage.setItem(`loa.${name}`, value)
  } catch {
    // It holds until the page is closed.
  }
  for (const listener of listeners) listener()
}

export const setTheme = (theme: Theme): void => { set('theme', theme, true) }
export const setSize = (size: Size): void => { set('size', size, true) }

/** As the reader chose, else as his system is, and follows it. Called before the first picture. */
export function startTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const bySystem = (): Theme => (dark.matches ? 'dark' : 'light')
  set('theme', kept('loa.theme') ?? bySystem(), false)
  set('size', kept('loa.size') ?? 'normal', false)
  // Paper is white, whatever the screen is; drawings are made anew for it.
  let onScreen: readonly [string, string] | null = null
  addEventListener('beforeprint', () => {
    onScreen ??= [root.dataset['theme'] ?? 'light', root.dataset['size'] ?? 'normal']
    set('theme', 'light', false)
    set('size', 'normal', false)
  })
  addEventListener('afterprint', () => {
    if (onScreen === null) return
    set('theme', onScreen[0], false)
    set('size', onScreen[1], false)
    onScreen = null
  })
  dark.addEventListener('change', () => { if (kept('loa.theme') === null) set('theme', bySystem(), false) })
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}
export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => (root.dataset['theme'] === 'dark' ? 'dark' : 'light'))
export const useSize = (): Size => useSyncExternalStore(subscribe, () => (root.dataset['size'] === 'wall' ? 'wall' : 'normal'))
