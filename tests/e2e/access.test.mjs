// Each page of the console, on the real program: axe in light, in dark and at 320 px, a walk by the keyboard alone, and
// the text spacing that a reader may ask for.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey } from './browser.mjs'
import { enrolFirstKey, openConsole, settled } from './console.mjs'
import { startDemo } from './demo.mjs'
import { spacingFaults, walkFaults } from './keyboard.mjs'

let browser, demo, page
const found = {}

before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), launchBrowser()])
  // The content security policy refuses a style from outside, and rightly: the reader's own is put in by the browser.
  page = await newPage(browser, { bypassCSP: true })
  await plugKey(page, { transport: 'internal' })
  await enrolFirstKey(page, demo.adminLink)
  await openConsole(page, demo.consoleUrl)
  const first = (path, name) => page.evaluate(async ([path, name]) => (await (await fetch(`/api/v1${path}`)).json()).items[0][name], [path, name])
  found.person = await first('/people?q=le%20goff', 'id')
  found.source = await first('/sources', 'id')
  found.run = await first(`/sources/${found.source}/runs`, 'id')
  found.client = await first('/clients', 'client_id')
  found.entry = await first('/audit?limit=20', 'seq')
})

after(async () => {
  await browser?.close()
  await demo?.stop()
})

const pages = {
  home: () => '/',
  people: () => '/people?limit=50',
  person: () => `/people/${found.person}`,
  sources: () => '/sources',
  source: () => `/sources/${found.source}`,
  register: () => '/register',
  'register changes': () => '/register?tab=changes',
  'register due': () => '/register?tab=due&within=180',
  'work list': () => '/register?tab=worklist',
  run: () => `/runs/${found.run}`,
  cases: () => '/cases',
  applications: () => '/applications',
  'new application': () => '/applications/new',
  application: () => `/applications/${found.client}`,
  attributes: () => `/applications/${found.client}?tab=attributs&person=${found.person}`,
  'ends told': () => `/applications/${found.client}?tab=deconnexions`,
  refusals: () => `/applications/${found.client}?tab=journal`,
  'connector check': () => `/applications/${found.client}?tab=controle`,
  journal: () => '/audit?category=console',
  system: () => '/system',
  accessibility: () => '/accessibility/console',
}

async function look(address, { theme = 'light', width = 1366, height = 768 } = {}) {
  await page.setViewportSize({ width, height })
  await page.evaluate((wanted) => localStorage.setItem('hygie.theme', wanted), theme)
  await page.goto(new URL(address, demo.consoleUrl).href)
  await page.locator('h1').first().waitFor()
  await settled(page)
}

for (const [name, address] of Object.entries(pages)) {
  describe(name, () => {
    test('axe finds nothing in light, in dark, and at 320 px, where nothing leaves the page', async () => {
      for (const how of [{}, { theme: 'dark' }, { width: 320, height: 640 }]) {
        await look(address(), how)
        await assertAccessible(page, `${name} ${JSON.stringify(how)}`)
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        assert.ok(sideways <= 0, `${name} ${JSON.stringify(how)}: ${sideways} px sideways`)
      }
    })

    test('Tab reaches everything, in sight, and goes out again; wider text stays in the page', async () => {
      await look(address())
      const { stops, faults } = await walkFaults(page)
      assert.deepEqual(faults, [], `${name}, ${stops} stops`)
      assert.ok(stops > 10, `${stops} stops`)
      assert.deepEqual(await spacingFaults(page), [], name)
    })
  })
}

test('a bubble stays under the pointer, comes at the focus as well, and leaves with Escape (RGAA 10.13)', async () => {
  const own = await newPage(browser, { storageState: await page.context().storageState() })
  await own.clock.install()
  const { items: [{ id }] } = await (await page.request.get(new URL('/api/v1/people?limit=1', demo.consoleUrl).href)).json()
  await own.goto(new URL(`/people/${id}`, demo.consoleUrl).href)
  const button = own.getByRole('button', { name: /^Fermer les sessions \(/ })
  const bubble = own.getByRole('tooltip')
  // A pointer that moves: the first event of a page alone says no such thing.
  await own.getByRole('heading', { level: 1 }).hover()
  await button.hover()
  await bubble.waitFor()
  await bubble.hover()
  // Far longer than the delay after which a bubble that was left goes away.
  await own.clock.runFor(5_000)
  assert.ok(await bubble.isVisible(), 'it stays as long as the pointer is on it')
  await own.keyboard.press('Escape')
  await bubble.waitFor({ state: 'detached' })
  await own.getByRole('heading', { level: 1 }).hover()
  await own.getByRole('button', { name: 'Fermer d’urgence' }).focus()
  await own.keyboard.press('Tab')
  assert.ok(await button.evaluate((one) => one === document.activeElement), 'the keyboard is on it')
  await bubble.waitFor()
  await own.clock.runFor(5_000)
  assert.ok(await bubble.isVisible(), 'it stays as long as the focus is there')
  await own.keyboard.press('Escape')
  await bubble.waitFor({ state: 'detached' })
  assert.ok(await button.evaluate((one) => one === document.activeElement), 'the place is kept')
  // Between a telephone and a desk the words of the navigation are bubbles too.
  await own.setViewportSize({ width: 1000, height: 768 })
  const link = own.getByRole('navigation', { name: 'Navigation principale' }).getByRole('link', { name: 'Sources' })
  const word = await link.getByText('Sources').elementHandle()
  const spoken = (wanted) => own.waitForFunction(([one, said]) => one.offsetWidth > 1 === said, [word, wanted])
  for (const come of [() => link.hover(), () => link.focus()]) {
    await own.getByRole('heading', { level: 1 }).hover()
    await own.keyboard.press('Tab')
    await come()
    await spoken(true)
    await own.keyboard.press('Escape')
    await spoken(false)
  }
  await own.context().close()
})
