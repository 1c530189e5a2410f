import { Component, type ReactNode } from 'react'
import { Button } from '../kit/button.tsx'
import { Notice } from '../kit/surfaces.tsx'
import { useWords } from '../words/use-words.ts'
import { words } from './words.ts'

interface State { readonly failed: boolean }

/** Keeps a mistake in one screen from taking the others away, above all the emergency one. Give it a key of the place. */
export class CrashGuard extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { failed: false }

  static getDerivedStateFromError(): State {
    return { failed: true }
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children
  }
}

function Failed() {
  const say = useWords(words)
  return <div className="page"><Notice tone="bad" action={<Button onPress={() => { location.reload() }}>{say('reload')}</Button>}>{say('crashed')}</Notice></div>
}
