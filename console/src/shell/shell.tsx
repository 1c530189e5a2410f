import { Siren } from 'lucide-react'
import { Suspense, useRef } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { useRights } from '../api/me.ts'
import { ButtonLink } from '../kit/button.tsx'
import { useKeptHeight } from '../kit/keep-height.ts'
import { Empty, Notice, Waiting } from '../kit/surfaces.tsx'
import { Toasts } from '../kit/toasts.tsx'
import { mediaHook } from '../kit/use-media.ts'
import { useWords } from '../words/use-words.ts'
import { AccountMenu } from './account-menu.tsx'
import { AlertBanner } from './alert-banner.tsx'
import { CrashGuard } from './crash-guard.tsx'
import { EMERGENCY_KEY, useEmergencyKey } from './emergency-key.ts'
import { LinkBanner } from './link-banner.tsx'
import { PracticeBand } from './practice-band.tsx'
import { Account, Emergency, EMERGENCY_PATH, Practice, SCREENS, type Screen } from './screens.ts'
import './shell.css'
import { words, type ShellWord } from './words.ts'

const isAt = (path: string, location: string): boolean => (path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`))

/** Of the pages that are not in the list of screens, by the first part of their addresses. */
const OTHER_TITLES: Readonly<Record<string, ShellWord>> = { emergency: 'emergency', account: 'account', practice: 'practice' }

/** As in shell.css: the navigation is a bar at the foot. */
const useIsPhone = mediaHook('(max-width: 52rem)')

/** What stands around every screen: where one can go, the way to an emergency, how the link is. */
export function Shell() {
  const say = useWords(words)
  const rights = useRights()
  const [location] = useLocation()
  const isPhone = useIsPhone()
  useEmergencyKey()
  const top = useKeptHeight<HTMLElement>('--shell-top')
  const main = useRef<HTMLElement>(null)
  const screens = SCREENS.filter(({ anyOf }) => anyOf.some((right) => rights.somewhere(right)))
  const here = screens.find(({ path }) => isAt(path, location))
  const [, first = ''] = location.split(/[/?]/)
  return (
    <div className="shell">
      <title>{`${say(here?.word ?? OTHER_TITLES[first] ?? 'now')} – Loa`}</title>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus() }}>{say('skip')}</a>
      <nav className="shell-side" aria-label={say('navigation')}>
        {!isPhone && <Link href="/" className="shell-brand"><img src="/icon.svg" alt="" />Loa</Link>}
        {rights.somewhere('view') && <div className="shell-emergency"><ButtonLink href={EMERGENCY_PATH} look="emergency" aria-keyshortcuts={EMERGENCY_KEY}><Siren size={20} aria-hidden />{say('emergency')}</ButtonLink></div>}
        {screens.filter(({ inBar }) => !isPhone || inBar === true).map((screen) => <NavigationLink key={screen.path} screen={screen} isHere={screen === here} />)}
        <div className="shell-who"><AccountMenu {...(isPhone ? { more: { screens: screens.filter(({ inBar }) => inBar !== true), here } } : {})} /></div>
      </nav>
      <header className="shell-top no-print" ref={top}><PracticeBand /><LinkBanner /><AlertBanner /></header>
      <main className="shell-main" id="main" tabIndex={-1} ref={main}>
        <CrashGuard key={first}>
          <Suspense fallback={<Waiting />}>
            <Switch>
              <Route path={`${EMERGENCY_PATH}/*?`} component={Emergency} />
              {screens.map(({ path, content }) => <Route key={path} path={path === '/' ? '/' : `${path}/*?`} component={content} />)}
              <Route path="/account" component={Account} />
              <Route path="/practice" component={Practice} />
              <Route>{SCREENS.some(({ path }) => isAt(path, location)) ? <div className="page"><Notice tone="warn">{say('noRight')}</Notice></div> : <Empty>{say('notHere')} <ButtonLink href="/">{say('toNow')}</ButtonLink></Empty>}</Route>
            </Switch>
          </Suspense>
        </CrashGuard>
      </main>
      <Toasts />
    </div>
  )
}

function NavigationLink({ screen: { path, icon: Icon, word }, isHere }: { readonly screen: Screen; readonly isHere: boolean }) {
  const say = useWords(words)
  return <Link href={path} className="shell-link" {...(isHere ? { 'aria-current': 'page' as const } : {})}><Icon size={20} aria-hidden />{say(word)}</Link>
}
