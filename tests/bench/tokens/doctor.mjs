// An appliance of a small hospital with clients of both algorithms, and a doctor of it logged in with a key.
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startAppliance } from '../../e2e/appliance.mjs'
import { launchBrowser, newPage, plugKey } from '../../e2e/browser.mjs'

export const CALLBACK = 'https://dpi.test/cb'

/** `client`: more words for `client create`. */
export async function startHospital({ algorithms = ['ES256', 'RS256'], client = ['--refresh-seconds', '3600'] } = {}) {
  const clients = {}
  let doctor
  const appliance = await startAppliance({
    prepare: async (hygie, folder) => {
      // One application calls here as thousands never would.
      appendFileSync(join(folder, 'hygie.toml'), '\n[applications]\ncalls_per_second = 0\n')
      const hospital = join(folder, 'sources', 'hospital')
      await hygie('demo', 'generate', '--seed', '1', '--size', 'small', '--out', hospital)
      cpSync(join(hospital, 'hr', 'hr-v1.csv'), join(folder, 'sources', 'hr-v1.csv'))
      writeFileSync(join(folder, 'rh.toml'), readFileSync(join(hospital, 'hr', 'mapping.toml'), 'utf8'))
      await hygie('source', 'add', join(folder, 'rh.toml'))
      await hygie('source', 'sync', 'rh')
      doctor = (await hygie('person', 'list', 'MARTIN'))[0]
      for (const algorithm of algorithms) {
        const made = await hygie('client', 'create', '--name', algorithm, '--redirect-uri', CALLBACK, '--signing', algorithm, ...client)
        const basic = Buffer.from(`${made.client_id}:${made.client_secret}`).toString('base64')
        clients[algorithm] = { id: made.client_id, basic: `Basic ${basic}` }
      }
    },
  })
  return { appliance, clients, doctor }
}

/** She logs in; her cookies. */
export async function login(appliance, doctor) {
  const browser = await launchBrowser()
  try {
    const page = await newPage(browser)
    await plugKey(page)
    const { code } = await appliance.hygie('means', 'issue', doctor.id)
    await page.goto(`${appliance.publicUrl}/enrol`)
    await page.getByLabel('Votre code').fill(code)
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByRole('heading', { name: 'Votre clé est enregistrée.' }).waitFor()
    await page.goto(`${appliance.publicUrl}/login`)
    await page.getByRole('button', { name: 'Clé' }).click()
    await page.waitForURL(`${appliance.publicUrl}/portal`)
    return (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  } finally {
    await browser.close()
  }
}

/** Where an application sends her browser. */
export function authorizePath(client, number) {
  const asked = new URLSearchParams({
    response_type: 'code', client_id: client.id, redirect_uri: CALLBACK, scope: 'openid profile', state: `s${number}`, nonce: `n${number}`,
  })
  return `/oauth2/authorize?${asked}`
}

/** The code in the answer to it. */
export function codeOf({ status, location }) {
  const code = location && new URL(location, CALLBACK).searchParams.get('code')
  if (!code) throw new Error(`no code: ${status} ${location}`)
  return code
}
