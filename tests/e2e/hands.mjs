// What a person's hands do: clicks and keys, counted as the browser hears them. Letters typed into a field are counted apart.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Counts on this page from now on, across its reloads. `begin()` starts again from nothing, `told()` says what was done. */
export async function countHands(page) {
  let count = { clicks: 0, keys: 0, typed: 0 }
  await page.exposeFunction('hygieHands', (what) => { count[what] += 1 })
  await page.addInitScript(() => {
    const tell = (what) => void globalThis.hygieHands(what)
    const writing = (target) => target instanceof HTMLElement && target.matches('textarea, input:not([type=checkbox], [type=radio])')
    addEventListener('pointerdown', (event) => event.isTrusted && tell('clicks'), { capture: true, passive: true })
    addEventListener('keydown', (event) => {
      if (!event.isTrusted || ['Control', 'Shift', 'Alt', 'Meta'].includes(event.key)) return
      tell(event.key.length === 1 && !event.ctrlKey && !event.metaKey && writing(event.target) ? 'typed' : 'keys')
    }, { capture: true, passive: true })
  })
  return {
    begin: () => { count = { clicks: 0, keys: 0, typed: 0 } },
    told: () => ({ ...count, acts: count.clicks + count.keys }),
  }
}

/** Kept beside the pictures when the run asks for them (HYGIE_SHOTS names the folder). */
export function keepTask(name, told) {
  const folder = process.env.HYGIE_SHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'tasks.json')
  let tasks = {}
  try {
    tasks = JSON.parse(readFileSync(file, 'utf8'))
  } catch (fault) {
    if (fault.code !== 'ENOENT') throw fault // the first task of this run
  }
  writeFileSync(file, `${JSON.stringify({ ...tasks, [name]: told }, null, 1)}\n`)
}
