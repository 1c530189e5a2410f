import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { I18nProvider, RouterProvider } from 'react-aria-components'
import { useLocation } from 'wouter'
import { closeEvents, openEvents } from './api/events.ts'
import { useMe } from './api/me.ts'
import { isRefused, problemText } from './api/problem-text.ts'
import { queryClient } from './api/query-client.ts'
import { useIsHere } from './api/session-change.ts'
import { Button } from './kit/button.tsx'
import { Notice, Waiting } from './kit/surfaces.tsx'
import { CrashGuard } from './shell/crash-guard.tsx'
import { Shell } from './shell/shell.tsx'
import { common } from './words/common.ts'
import { LOCALES, useLanguage } from './words/language.ts'
import { useWords } from './words/use-words.ts'

const SignIn = lazy(() => import('./screens/sign-in/index.tsx'))
const Start = lazy(() => import('./screens/start/index.tsx'))

export function App() {
  const language = useLanguage()
  const [, navigate] = useLocation()
  return (
    <I18nProvider locale={LOCALES[language]}>
      <RouterProvider navigate={navigate}>
        <QueryClientProvider client={queryClient}><CrashGuard><Gate /></CrashGuard></QueryClientProvider>
      </RouterProvider>
    </I18nProvider>
  )
}

/** Who has not logged in sees how to; everything else is behind it. */
function Gate() {
  const say = useWords(common)
  const me = useMe()
  const [location] = useLocation()
  const id = me.data === undefined || isRefused(me.error) ? null : me.data.id
  const isHere = useIsHere(id)
  const isIn = id !== null && isHere
  useEffect(() => {
    if (!isIn) return
    openEvents()
    return closeEvents
  }, [isIn])
  if (isIn) return location === '/start' ? <Suspense fallback={<Waiting />}><Start /></Suspense> : <Shell />
  if (isRefused(me.error)) return <Suspense fallback={<Waiting />}><SignIn /></Suspense>
  if (me.error !== null) return <div className="page"><Notice tone="bad" action={<Button onPress={() => { void me.refetch() }}>{say('retry')}</Button>}>{problemText(me.error)}</Notice></div>
  return <Waiting />
}
