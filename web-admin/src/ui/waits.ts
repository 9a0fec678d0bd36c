import { createContext } from 'react'

/** True below data that could not be read again, and everywhere once nothing answers: what would change it waits for the server. */
export const Waits = createContext(false)

/** What was said above: nothing; why it waits, by the banner; or that and the age of the data too. It is not said twice. */
export const Said = createContext<'nothing' | 'why' | 'all'>('nothing')
