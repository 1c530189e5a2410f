import type { ReactNode, Ref } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import { Link as RouterLink } from 'wouter'

export type ButtonLook = 'primary' | 'plain' | 'danger' | 'emergency' | 'normal'

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  /** `emergency` is for what starts or ends an emergency, and for nothing else. */
  readonly look?: ButtonLook
  readonly large?: boolean
  /** An icon alone; then `aria-label` says what it does. */
  readonly icon?: boolean
  readonly ref?: Ref<HTMLButtonElement>
  readonly children: ReactNode
}

export function Button({ look = 'normal', large = false, icon = false, children, ...rest }: ButtonProps) {
  return <AriaButton {...rest} className={buttonClass(look, large, icon)}>{children}</AriaButton>
}

/** A link that looks like a button. */
export function ButtonLink({ href, look = 'normal', large = false, children, ...rest }: { readonly href: string; readonly look?: ButtonLook; readonly large?: boolean; readonly children: ReactNode; readonly 'aria-label'?: string; readonly 'aria-keyshortcuts'?: string }) {
  return <RouterLink href={href} {...rest} className={buttonClass(look, large, false)}>{children}</RouterLink>
}

const buttonClass = (look: ButtonLook, large: boolean, icon: boolean): string => ['button', look, ...(large ? ['large'] : []), ...(icon ? ['icon'] : [])].join(' ')
