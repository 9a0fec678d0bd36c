import type { ReactNode } from 'react'
import { withReferences } from './Reference'
import { Spoken } from './Spoken'
import sprite from './sprite.svg?url'
import style from './Status.module.css'

export type Mood = 'ok' | 'warning' | 'failure' | 'doubt' | 'info' | 'off'

export type IconName =
  | 'apps' | 'approx' | 'badge' | 'card' | 'check' | 'clock' | 'columns' | 'copy' | 'down' | 'download' | 'eq' | 'filter'
  | 'globe' | 'home' | 'hygie' | 'jobs' | 'journal' | 'key' | 'keyboard' | 'left' | 'link' | 'lock' | 'menu' | 'minus' | 'more' | 'neq'
  | 'people' | 'phone' | 'plus' | 'plusminus' | 'refresh' | 'reopen' | 'right' | 'scale' | 'seal' | 'search' | 'seat'
  | 'source' | 'system' | 'twins' | 'unlock' | 'up' | 'view' | 'void' | 'x'

/** A drawing that repeats the word beside it: hidden from screen readers. */
export function Icon({ name, large = false, quiet = false }: { name: IconName; large?: boolean; quiet?: boolean }) {
  const shape = [style.icon, large && style.large, quiet && style.quiet].filter(Boolean).join(' ')
  return (
    <svg className={shape} aria-hidden="true" focusable="false">
      <use href={`${sprite}#i-${name}`} />
    </svg>
  )
}

/** One shape a mood, so that colour is never alone. */
export function Sign({ mood, large = false }: { mood: Mood; large?: boolean }) {
  return (
    <svg className={[style.sign, style[mood], large && style.large].filter(Boolean).join(' ')} aria-hidden="true" focusable="false">
      <use href={`${sprite}#s-${mood}`} />
    </svg>
  )
}

export type CutName = Mood | 'key' | 'keyboard' | 'badge' | 'card' | 'phone' | 'twins'

/** The same drawings cut out of the current colour: in a list of hundreds of lines a part of `sprite` costs too much each. */
export function Cut({ name, apart = false }: { name: CutName; apart?: boolean }) {
  return <span className={[style.cut, style[name], apart && style.apart].filter(Boolean).join(' ')} aria-hidden="true" />
}

/** Sign and plain word: what is normal in a list. */
export function Status({ mood, children }: { mood: Mood; children: ReactNode }) {
  return (
    <span className={style.status}>
      <Sign mood={mood} />
      <span>{children}</span>
    </span>
  )
}

/** The same without boxes of its own, for the cells of a list of hundreds of lines. */
export function PlainStatus({ mood, children }: { mood: Mood; children: ReactNode }) {
  return (
    <>
      <Cut name={mood} apart />
      {children}
    </>
  )
}

/** Sign and word on a tint: what must be seen. `inline` keeps the height of a line of table. */
export function Tag({ mood, inline = false, children }: { mood: Mood; inline?: boolean; children: ReactNode }) {
  return (
    <span className={[style.tag, style[mood], inline && style.inline].filter(Boolean).join(' ')}>
      <Sign mood={mood} />
      {children}
    </span>
  )
}

export function Label({ children }: { children: ReactNode }) {
  return <span className={style.label}>{children}</span>
}

/** A tinted message. `role` only for what appears after an act. */
export function Note({ mood, icon, role, children }: { mood: Mood; icon?: IconName; role?: 'status' | 'alert'; children: ReactNode }) {
  const inside = (
    <>
      {icon ? <Icon name={icon} /> : <Sign mood={mood} />}
      <div>{withReferences(children)}</div>
    </>
  )
  const shape = `${style.note} ${style[mood]}`
  if (role === 'status') return <Spoken className={shape}>{inside}</Spoken>
  return (
    <div className={shape} role={role}>
      {inside}
    </div>
  )
}
