import { Ellipsis, GraduationCap, Languages, LogOut, Monitor, Moon, Sun, UserCog, UserRound } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components'
import { done } from '../../../control/client/index.ts'
import { loa } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { isRefused } from '../api/problem-text.ts'
import { sessionChanged } from '../api/session-change.ts'
import { Button } from '../kit/button.tsx'
import { toast } from '../kit/toasts.tsx'
import { useLanguage } from '../words/language.ts'
import { useWords } from '../words/use-words.ts'
import { changeLanguage } from './language-button.tsx'
import type { Screen } from './screens.ts'
import { setSize, setTheme, useSize, useTheme } from './theme.ts'
import { words } from './words.ts'

/** Ends the session here and forgets everything that was read in its name. @throws what the server, or nobody, said when the session has not ended */
export async function logOut(): Promise<void> {
  try {
    done(await loa.DELETE('/v1/sessions/{id}', { params: { path: { id: 'current' } } }))
  } catch (error) {
    // Refused: it has ended already.
    if (!isRefused(error)) throw error
  }
  await sessionChanged()
}

/** Who is here, how it looks, and the way out. Under `more` stand the screens that have no place in the bar of a phone. */
export function AccountMenu({ more }: { readonly more?: { readonly screens: readonly Screen[]; readonly here: Screen | undefined } }) {
  const say = useWords(words)
  const { data: me } = useMe()
  const language = useLanguage()
  const theme = useTheme()
  const size = useSize()
  const [isBusy, setIsBusy] = useState(false)
  const leave = (): void => {
    setIsBusy(true)
    void logOut().catch(() => { toast(say('stillIn')) }).finally(() => { setIsBusy(false) })
  }
  return (
    <MenuTrigger>
      {more === undefined
        ? <Button look="plain" aria-label={`${say('account')}: ${me?.name ?? ''}`} isDisabled={isBusy}><UserRound size={20} aria-hidden />{me?.name}</Button>
        : <Button look="plain" isDisabled={isBusy} {...(more.here !== undefined && more.screens.includes(more.here) ? { 'aria-current': 'page' } : {})}><Ellipsis size={20} aria-hidden />{say('more')}</Button>}
      <Popover className="popover shell-sheet">
        <Menu aria-label={say(more === undefined ? 'account' : 'more')}>
          {more?.screens.map((screen) => <MenuItem key={screen.path} className="option" href={screen.path} {...(screen === more.here ? { 'aria-current': 'page' } : {})}><screen.icon size={18} aria-hidden />{say(screen.word)}</MenuItem>)}
          {more !== undefined && more.screens.length > 0 && <Separator />}
          <MenuItem className="option" href="/account"><UserCog size={18} aria-hidden />{more === undefined ? say('account') : `${say('account')}: ${me?.name ?? ''}`}</MenuItem>
          <MenuItem className="option" href="/practice"><GraduationCap size={18} aria-hidden />{say('practice')}</MenuItem>
          <MenuItem className="option" onAction={() => { changeLanguage(language === 'vi' ? 'en' : 'vi') }}><Languages size={18} aria-hidden />{say('language')}</MenuItem>
          <MenuItem className="option" onAction={() => { setTheme(theme === 'dark' ? 'light' : 'dark') }}>{theme === 'dark' ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}{say(theme === 'dark' ? 'toLight' : 'toDark')}</MenuItem>
          <MenuItem className="option" onAction={() => { setSize(size === 'wall' ? 'normal' : 'wall') }}><Monitor size={18} aria-hidden />{say(size === 'wall' ? 'wallOff' : 'wallOn')}</MenuItem>
          <MenuItem className="option" onAction={leave}><LogOut size={18} aria-hidden />{say('logOut')}</MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
