import { createContext } from 'react'

/** True below data that could not be read again: what would change it waits for the server. */
export const Waits = createContext(false)
