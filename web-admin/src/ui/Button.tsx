import { useContext, type ReactNode, type Ref } from 'react'
import { Focusable, Button as Pressable, Tooltip, TooltipTrigger } from 'react-aria-components'
import { t } from '../lib/i18n'
import style from './Button.module.css'
import { useHandOver } from './focus'
import { Icon, type IconName } from './Status'
import text from './text.module.css'
import { Waits } from './waits'

export interface Look {
  variant?: 'plain' | 'primary' | 'danger' | 'ghost' | 'link'
  small?: boolean
  bare?: boolean
}

/** The same look for what is a link. */
export function buttonClass({ variant = 'plain', small = false, bare = false }: Look = {}): string {
  return [style.button, variant !== 'plain' && style[variant], small && style.small, bare && style.bare].filter(Boolean).join(' ')
}

interface Props extends Look {
  children?: ReactNode
  icon?: IconName | undefined
  /** Name for screen readers, when the words shown are not enough. */
  label?: string
  onPress?: (() => void) | undefined
  type?: 'button' | 'submit'
  /** Why it may not be used now: it stays in place, reachable, and says so. */
  blocked?: string | undefined
  /** An emergency: sent whatever could be read last. */
  urgent?: boolean
  busy?: boolean
  /** It stays in its place with the focus, and does nothing for now. */
  inert?: boolean
  pressed?: boolean | undefined
  expanded?: boolean | undefined
  autoFocus?: boolean
  ref?: Ref<HTMLButtonElement>
}

export function Button(props: Props) {
  const { children, icon, label, onPress, type = 'button', busy = false, inert = false, urgent = false, pressed, expanded, autoFocus, ref, ...rest } = props
  const { blocked: why, ...look } = rest
  // What may be refused is an act: it waits for the server. The end of a form that is open is sent, and the server answers it.
  const waits = useContext(Waits) && !urgent && 'blocked' in props && look.variant !== 'primary' && look.variant !== 'danger'
  const blocked = why ?? (waits ? t('state.waits') : undefined)
  const place = useHandOver(ref)
  const inside = (
    <>
      {icon && <Icon name={icon} />}
      {busy ? t('state.saving') : children}
    </>
  )
  if (blocked) return <Blocked reason={blocked} label={label} look={look} inside={inside} />
  return (
    <Pressable
      ref={place}
      className={buttonClass(look)}
      type={busy ? 'button' : type}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      // Not the library's `isPending`: its announcement is an image that loses its name when the wait ends.
      aria-disabled={busy || inert || undefined}
      aria-busy={busy || undefined}
      autoFocus={autoFocus}
      onPress={busy || inert ? undefined : onPress}
    >
      {inside}
    </Pressable>
  )
}

/** A file that the appliance draws: an act as the others, which the browser asks for itself. */
export function Download({ href, small, className, children }: Pick<Look, 'small'> & { href: string; className?: string | undefined; children: ReactNode }) {
  const waits = useContext(Waits)
  const place = useHandOver<HTMLAnchorElement>()
  const inside = (
    <>
      <Icon name="download" />
      {children}
    </>
  )
  const look = { ...(small && { small }) }
  const link = (
    <a ref={place} className={buttonClass(look)} href={href} download>
      {inside}
    </a>
  )
  const shown = waits ? <Blocked reason={t('state.waits')} label={undefined} look={look} inside={inside} /> : link
  return className ? <span className={className}>{shown}</span> : shown
}

function Blocked({ reason, label, look, inside }: { reason: string; label: string | undefined; look: Look; inside: ReactNode }) {
  const place = useHandOver<HTMLButtonElement>()
  return (
    <TooltipTrigger delay={200}>
      <Focusable>
        <button ref={place} type="button" className={buttonClass(look)} aria-disabled="true" aria-label={label}>
          {inside}
          <span className={text.hidden}> ({reason})</span>
        </button>
      </Focusable>
      <Tooltip className={style.tip} offset={6}>
        {reason}
      </Tooltip>
    </TooltipTrigger>
  )
}
