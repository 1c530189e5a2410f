import { GraduationCap } from 'lucide-react'
import { useEffect } from 'react'
import { useLocation } from 'wouter'
import { useSetup } from '../api/setup.ts'
import { ButtonLink } from '../kit/button.tsx'
import { noteNow } from '../screens/practice/begun.ts'
import { useWords } from '../words/use-words.ts'
import { words } from './words.ts'

/** On a server to practise on: that it is one, on every screen. */
export function PracticeBand() {
  const say = useWords(words)
  const { data: setup } = useSetup()
  const [location] = useLocation()
  const isPractice = setup?.practice != null
  useEffect(() => {
    if (isPractice && location === '/') noteNow()
  }, [isPractice, location])
  if (!isPractice) return null
  return <div className="shell-practice"><GraduationCap size={18} aria-hidden /><span className="grow">{say('practiceBand')}</span><ButtonLink href="/practice">{say('practiceTasks')}</ButtonLink></div>
}
