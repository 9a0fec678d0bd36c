import { useEffect, useSyncExternalStore } from 'react'
import { t } from '../lib/i18n'
import { Button } from './Button'
import { giveBack, rememberBefore } from './focus'
import style from './Overlay.module.css'
import { withReferences } from './Reference'
import { Sign, type Mood } from './Status'

interface Toast {
  id: number
  mood: Mood
  text: string
  undo?: (() => void) | undefined
}

let toasts: Toast[] = []
let next = 1
const listeners = new Set<() => void>()

function publish(list: Toast[]) {
  toasts = list
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Says once what was done; `undo` takes a level 1 act back while the toast stands. What was done before it gives way, unless it can be undone or was refused. */
export function say(mood: Mood, text: string, undo?: () => void) {
  const standing = toasts.filter((one) => one.undo ?? one.mood === 'failure')
  publish([...standing.slice(-2), { id: next++, mood, text, undo }])
}

export function silence() {
  publish([])
}

function drop(id: number) {
  publish(toasts.filter((toast) => toast.id !== id))
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  return (
    <div className={style.toasts} role="status" aria-live="polite" onFocus={(event) => rememberBefore(event.currentTarget, event.relatedTarget)}>
      {shown.map((toast) => (
        <OneToast key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function OneToast({ toast }: { toast: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => drop(toast.id), 10_000)
    return () => clearTimeout(timer)
  }, [toast.id])
  return (
    <div className={style.toast} ref={giveBack}>
      <Sign mood={toast.mood} />
      <span>{withReferences(toast.text)}</span>
      {toast.undo && (
        <Button
          small
          onPress={() => {
            toast.undo?.()
            drop(toast.id)
          }}
        >
          {t('action.undo')}
        </Button>
      )}
      <Button variant="ghost" small bare icon="x" label={t('action.dismiss')} onPress={() => drop(toast.id)} />
    </div>
  )
}
