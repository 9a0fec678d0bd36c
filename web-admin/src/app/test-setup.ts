import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'
import { silence } from '../ui/Toasts'

// A slow machine draws late; a failure says what was looked for, not the whole page.
configure({ asyncUtilTimeout: 30_000, getElementError: (message) => new Error((message ?? 'not found').slice(0, 600)) })

// What jsdom lacks and the library asks for.
globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, (sign) => `\\${sign}`) } as unknown as typeof CSS
window.scrollTo = () => undefined
Element.prototype.scrollIntoView = () => undefined
window.matchMedia ??= (media: string) => ({ matches: false, media, onchange: null, addEventListener: () => undefined, removeEventListener: () => undefined, addListener: () => undefined, removeListener: () => undefined, dispatchEvent: () => false })

afterEach(() => {
  silence()
  cleanup()
  localStorage.clear()
})
