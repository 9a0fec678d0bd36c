import { useEffect, useState } from 'react'
import { stayConnected } from '../api/me'
import { onTabs, tellTabs } from '../api/session'

const MINUTE = 60_000
/** The appliance closes a console session after thirty minutes without a call; ours stop with the person. */
export const IDLE = { warnAfter: 28 * MINUTE, closeAfter: 30 * MINUTE }
const ACTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const
const TOLD_EVERY = 20_000
/** Typing in a long form calls nothing: the appliance is told that somebody is there, well before it would close. */
const SAID_EVERY = MINUTE

export interface Idle {
  /** Milliseconds left once the warning is due. */
  left: number | undefined
  stay: () => void
}

/** Nobody touches this console, in this tab or another: it says so, then closes. */
export function useIdle(onOver: () => void, watching: boolean): Idle {
  const [left, setLeft] = useState<number>()
  const [watch] = useState(() => new Watch())

  useEffect(() => {
    if (!watching) return
    watch.touch()
    // The warning is answered by its button, or by an act elsewhere: a hand on the mouse is no answer to a question.
    const acted = () => {
      if (watch.warned()) return
      watch.touch()
      if (watch.silent() >= SAID_EVERY) watch.say()
    }
    for (const act of ACTS) window.addEventListener(act, acted, { passive: true, capture: true })
    const deaf = onTabs((word) => {
      if (word === 'active') watch.heard()
    })
    const timer = setInterval(() => {
      const still = watch.still()
      if (still >= IDLE.closeAfter) onOver()
      else setLeft(still >= IDLE.warnAfter ? IDLE.closeAfter - still : undefined)
    }, 1000)
    return () => {
      for (const act of ACTS) window.removeEventListener(act, acted, { capture: true })
      deaf()
      clearInterval(timer)
      setLeft(undefined)
    }
  }, [watch, watching, onOver])

  return {
    left,
    stay: () => {
      watch.touch()
      watch.say()
      setLeft(undefined)
    },
  }
}

class Watch {
  #last = Date.now()
  #told = 0
  #said = Date.now()

  touch() {
    this.#last = Date.now()
    if (this.#last - this.#told < TOLD_EVERY) return
    this.#told = this.#last
    tellTabs('active')
  }

  heard() {
    this.#last = Date.now()
  }

  /** Its answer does not matter here: a session that is over shows itself at the next call. */
  say() {
    this.#said = Date.now()
    void stayConnected().catch(() => undefined)
  }

  silent(): number {
    return Math.max(0, Date.now() - this.#said)
  }

  /** A machine that slept counts its sleep; a clock set back counts nothing. */
  still(): number {
    return Math.max(0, Date.now() - this.#last)
  }

  warned(): boolean {
    return this.still() >= IDLE.warnAfter
  }
}
