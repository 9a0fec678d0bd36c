import { createContext, useContext } from 'react'
import type { Mood } from './Status'

/** True below data that could not be read again, and everywhere once nothing answers: what would change it waits for the server. */
export const Waits = createContext(false)

/** What was said above: nothing; why it waits, by the banner; or that and the age of the data too. It is not said twice. */
export const Said = createContext<'nothing' | 'why' | 'all'>('nothing')

/** A sign that all is well speaks of now: over data that could not be read again it is out. */
export function useKnownMood(mood: Mood): Mood {
  return useContext(Waits) ? 'off' : mood
}
