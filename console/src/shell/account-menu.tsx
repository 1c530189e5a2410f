import { GraduationCap, Languages, LogOut, Monitor, Moon, Sun, UserCog, UserRound } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { closeEvents } from '../api/events.ts'
import { loa } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { queryClient } from '../api/query-client.ts'
import { Button } from '../kit/button.tsx'
import { useLanguage } from '../words/language.ts'
import { useWords } from '../words/use-words.ts'
import { changeLanguage } from './language-button.tsx'
import { setSize, setTheme, useSize, useTheme } from './theme.ts'
import { words } from './words.ts'

/** Ends the session here and forgets everything that was read in its name. */
export async function logOut(): Promise<void> {
  await loa.DELETE('/v1/sessions/{id}', { params: { path: { id: 'current' } } })
  closeEvents()
  await queryClient.resetQueries()
}

/** Who is here, how it looks, and the way out. */
export function AccountMenu() {
  const say = useWords(words)
  const { data: me } = useMe()
  const language = useLanguage()
  const theme = useTheme()
  const size = useSize()
  const [isBusy, setIsBusy] = useState(false)
  const leave = (): void => {
    setIsBusy(true)
    void logOut().finally(() => { setIsBusy(false) })
  }
  return (
    <MenuTrigger>
      <Button look="plain" aria-label={`${say('account')}: ${me?.name ?? ''}`} isDisabled={isBusy}><UserRound size={20} aria-hidden />{me?.name}</Button>
      <Popover className="popover">
        <Menu aria-label={say('account')}>
          <MenuItem className="option" href="/account"><UserCog size={18} aria-hidden />{say('account')}</MenuItem>
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
