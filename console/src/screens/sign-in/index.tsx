import { useSetup } from '../../api/setup.ts'
import { Waiting } from '../../kit/surfaces.tsx'
import { FirstAdministrator } from './first-administrator.tsx'
import { LogInForm } from './log-in-form.tsx'
import { PracticePeople } from './practice-people.tsx'
import './sign-in.css'

/** The way in: of the first administrator, of people on a practice server, of everybody else. */
export default function SignIn() {
  const { data: setup, isPending } = useSetup()
  if (isPending) return <Waiting />
  return (
    <main className="sign-in">
      {setup?.firstStart === true ? <FirstAdministrator /> : <>{setup?.practice != null && <PracticePeople practice={setup.practice} />}<LogInForm practiceUrl={setup?.practiceUrl ?? null} /></>}
    </main>
  )
}
