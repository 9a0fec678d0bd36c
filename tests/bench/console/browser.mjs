// What the reader's browser sees of a large hospital: how long after a click the first rows are painted, how many elements,
// what a hundred pages leave in memory. Budgets: the console's own, section 11. Downloads: web-admin/scripts/sizes.mjs.
import { spread } from '../lib.mjs'

const FIRST_ROW = 'main tbody th a[href^="/people/"]'
const LINE = { latency: 20, downloadThroughput: 2_500_000, uploadThroughput: 2_500_000, offline: false }
const TURNS = 5

/**
 * Milliseconds from the act's last click or key to the frame that shows `selector` (other ones than before,
 * when `changed`), as the page itself sees it: no network at rest, no polling from outside.
 */
export async function painted(page, act, selector, { changed = false } = {}) {
  await page.evaluate(([wanted, other]) => {
    // Another order may begin with the same line: twenty of them are compared.
    const told = () => [...document.querySelectorAll(wanted)].slice(0, 20).map((one) => one.getAttribute('href') ?? one.textContent).join() || undefined
    const before = other ? told() : undefined
    let began
    const start = (event) => { began = event.timeStamp }
    for (const kind of ['pointerup', 'keydown']) addEventListener(kind, start, { capture: true })
    globalThis.hygiePainted = new Promise((done, failed) => {
      setTimeout(() => failed(new Error(`nothing new at ${wanted} after a minute`)), 60_000)
      const look = () => {
        const now = told()
        if (began === undefined || now === undefined || now === before) return
        watch.disconnect()
        for (const kind of ['pointerup', 'keydown']) removeEventListener(kind, start, { capture: true })
        // The frame that holds the change is on screen when the next one begins.
        requestAnimationFrame(() => requestAnimationFrame((frame) => done(frame - began)))
      }
      const watch = new MutationObserver(look)
      watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    })
  }, [selector, changed])
  await act()
  return page.evaluate(() => globalThis.hygiePainted)
}

const told = (values) => {
  const { median, max } = spread(values)
  return `median ${median.toFixed(0)}  most ${max.toFixed(0)}`
}
const nav = (page, name) => page.getByRole('navigation', { name: 'Navigation principale' }).getByRole('link', { name: new RegExp(`^${name}`) })

/** All that the console's own pages cost a browser, once the appliance answers. */
export async function inBrowser(page, appliance) {
  const probe = await page.context().newCDPSession(page)
  await probe.send('Network.enable')
  await probe.send('Performance.enable')
  return {
    ...(await visits(page, appliance, probe)),
    ...(await lists(page, appliance)),
    ...(await longWalk(page, appliance, probe)),
  }
}

/** First and second visit, on the line of a hospital: 20 Mbit/s, 20 ms. */
async function visits(page, appliance, probe) {
  const usable = async () => {
    await page.goto(`${appliance.adminUrl}/people`, { waitUntil: 'commit' })
    await page.locator(FIRST_ROW).first().waitFor()
    return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done({
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      usable: performance.now(),
    })))))
  }
  const seen = { first: [], again: [] }
  await probe.send('Network.emulateNetworkConditions', LINE)
  for (let turn = 0; turn < TURNS; turn++) {
    await probe.send('Network.clearBrowserCache')
    seen.first.push(await usable())
    seen.again.push(await usable())
  }
  await probe.send('Network.emulateNetworkConditions', { latency: 0, downloadThroughput: -1, uploadThroughput: -1, offline: false })
  return {
    'browser: first visit, first paint, ms (800)': told(seen.first.map((one) => one.paint)),
    'browser: first visit, usable, ms (1 500)': told(seen.first.map((one) => one.usable)),
    'browser: second visit, usable, ms (500)': told(seen.again.map((one) => one.usable)),
  }
}

async function lists(page, appliance) {
  const shown = []
  for (let turn = 0; turn < TURNS; turn++) {
    await page.goto(`${appliance.adminUrl}/`)
    await page.locator('main h2').first().waitFor()
    shown.push(await painted(page, () => nav(page, 'Personnes').click(), FIRST_ROW))
  }
  const rows = page.locator(FIRST_ROW)
  await rows.nth(99).waitFor()
  const elements = await page.evaluate(() => document.querySelectorAll('*').length)
  const changed = { changed: true }
  const sorts = []
  for (const name of ['Fin de contrat', 'UF / site', 'Fonction', 'Matricule', 'Nom']) {
    sorts.push(await painted(page, () => page.getByRole('columnheader', { name }).getByRole('link').click(), FIRST_ROW, changed))
  }
  const letters = []
  await page.goto(`${appliance.adminUrl}/people`)
  for (const letter of ['M', 'D', 'V']) letters.push(await painted(page, () => page.getByRole('navigation', { name: 'Aller à une lettre' }).getByRole('link', { name: letter, exact: true }).click(), FIRST_ROW, changed))
  return {
    'browser: first rows after the click, ms (300)': told(shown),
    'browser: elements on the list (3 000)': String(elements),
    'browser: first rows of a sort, ms (300)': told(sorts),
    'browser: first rows of a letter, ms (300)': told(letters),
    'browser: first rows of a filter, ms (300)': told(await filters(page, appliance)),
  }
}

/** One value of each of three filters, picked in the menu as a person does. */
async function filters(page, appliance) {
  const taken = []
  for (const [name, value] of [['Fonction', /^INFIRMIER/], ['UF', /SERVICE 42/], ['Fin de contrat', /60/]]) {
    await page.goto(`${appliance.adminUrl}/people`)
    await page.locator(FIRST_ROW).first().waitFor()
    await page.getByRole('button', { name: 'Filtre' }).click()
    await page.getByRole('menuitem', { name, exact: true }).click()
    const choice = page.locator('[role^=menuitem]').filter({ hasText: value }).first()
    await choice.waitFor()
    taken.push(await painted(page, () => choice.click(), FIRST_ROW, { changed: true }))
  }
  return taken
}

/** A hundred pages without leaving the console: memory after the tenth and after the last, and how soon each act is answered. */
async function longWalk(page, appliance, probe) {
  await page.goto(`${appliance.adminUrl}/people`)
  await page.locator(FIRST_ROW).first().waitFor()
  await page.evaluate(() => {
    globalThis.hygieActs = new Map()
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries()) {
        if (interactionId) globalThis.hygieActs.set(interactionId, Math.max(duration, globalThis.hygieActs.get(interactionId) ?? 0))
      }
    }).observe({ type: 'event', durationThreshold: 16, buffered: true })
  })
  const held = async () => {
    await probe.send('HeapProfiler.collectGarbage')
    const { metrics } = await probe.send('Performance.getMetrics')
    const value = (name) => metrics.find((one) => one.name === name).value
    return { heap: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes') }
  }
  const pages = []
  const next = async () => pages.push(await painted(page, () => page.getByRole('link', { name: 'Page suivante' }).click(), FIRST_ROW, { changed: true }))
  for (let n = 0; n < 10; n++) await next()
  const early = await held()
  for (let n = 10; n < 100; n++) await next()
  const late = await held()
  const search = page.getByRole('combobox', { name: 'Rechercher dans Hygie' })
  await search.click()
  await search.pressSequentially('martin zoe', { delay: 60 })
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Escape')
  const acts = await page.evaluate(() => ({ slow: [...globalThis.hygieActs.values()], all: performance.interactionCount }))
  // Those under 16 ms are counted by the browser, not timed.
  const answered = [...acts.slow, ...Array(Math.max(0, acts.all - acts.slow.length)).fill(16)]
  return {
    'browser: first rows of the next page, 100 pages, ms': told(pages),
    'browser: memory after 10 pages, then 100, MB': `${early.heap.toFixed(1)}, then ${late.heap.toFixed(1)}`,
    'browser: nodes held after 10 pages, then 100': `${early.nodes}, then ${late.nodes}`,
    'browser: interaction to next paint, ms (p95 200)': `p95 ${spread(answered).p95.toFixed(0)}  most ${spread(answered).max.toFixed(0)}  of ${answered.length}`,
  }
}
