// What the console does beside the scenes, on the made-up hospital and both databases: how far the house is linked, the
// work list as a file, a mapping corrected and brought back, a person suspended, closed on a day to come, and kept.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, newPage, plugKey, shot } from './browser.mjs'
import { enrolFirstKey, openConsole, settled, visit } from './console.mjs'
import { onEachDatabase } from './databases.mjs'
import { startDemo } from './demo.mjs'

/** What a sandbox gives as JSON, its rules taken from the appliance's own table: all is right, but for one play. */
function report() {
  const source = readFileSync(new URL('../../crates/oidc/src/check/rules.rs', import.meta.url), 'utf8')
  const lines = (name) => {
    const [, table] = new RegExp(`const ${name}: \\[Rule; \\d+\\] = \\[([\\s\\S]*?)\\n\\];`).exec(source)
    return [...table.matchAll(/rule\(\s*"(\w+)"/g)].map(([, rule]) => ({ rule, verdict: rule === 'other_nonce' ? 'wrong' : 'right' }))
  }
  return { check: 'essai', name: 'DPI 7.2', begun_at: '2026-11-22T14:20:00Z', logins: 17, client_secret: 'du contrôle seul', requests: lines('REQUESTS'), plays: lines('PLAYS'), logouts: lines('LOGOUTS') }
}

onEachDatabase((database) => {
  let browser, demo, page

  before(async () => {
    ;[demo, browser] = await Promise.all([startDemo({ database }), launchBrowser()])
    page = await newPage(browser)
    await plugKey(page, { transport: 'internal' })
    await enrolFirstKey(page, demo.adminLink)
    await openConsole(page, demo.consoleUrl)
  })

  after(async () => {
    await browser?.close()
    await demo?.stop()
  })

  const ask = (path) => page.evaluate(async (path) => (await fetch(`/api/v1${path}`)).json(), path)
  const part = (name) => page.getByRole('navigation', { name: 'Parties de l’Annuaire Santé' }).getByRole('link', { name }).click()
  const figure = (text) => Number(text.replace(/\D/g, ''))

  test('from all staff to those linked: the steps add up, and the lowest come first', async () => {
    await visit(page, 'Sources')
    await page.getByRole('region', { name: 'Annuaire Santé' }).getByRole('link', { name: 'Ouvrir' }).click()
    const funnel = page.getByRole('table', { name: 'Du personnel aux liens' })
    const count = async (name) => figure(await funnel.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) }).getByRole('cell').first().innerText())
    await funnel.waitFor()
    const [concerned, linked, open, missing] = [await count(/^Concernés/), await count(/^Reliés$/), await count(/^À arbitrer$/), await count(/^Sans lien$/)]
    assert.ok(linked > 0, 'the demo links people')
    assert.equal(linked + open + missing, concerned)
    const { by_unit: units } = await ask('/register/coverage')
    const first = page.getByRole('table', { name: 'Reliés par unité' }).getByRole('rowheader').first()
    assert.equal(await first.innerText(), units[0].group || 'sans unité')
    assert.ok(units.every(({ reached, of }, at) => at === 0 || reached * units[at - 1].of >= units[at - 1].reached * of), 'the least linked first')
    await settled(page)
    await assertAccessible(page, 'register')
    await shot(page, `register-${database}`)
  })

  test('the work list is on screen, and leaves as the same rows', async () => {
    await page.goto(new URL('/register', demo.consoleUrl).href)
    await part('À inscrire dans RPPS+')
    const table = page.getByRole('table', { name: 'À inscrire ou à corriger dans RPPS+' })
    await table.waitFor()
    const rows = (await table.getByRole('row').count()) - 1
    const path = await page.getByRole('link', { name: 'Exporter (CSV)' }).getAttribute('href')
    const file = await page.evaluate(async (path) => {
      const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer())
      return { mark: [...bytes.slice(0, 3)], text: new TextDecoder().decode(bytes) }
    }, path)
    assert.deepEqual(file.mark, [0xef, 0xbb, 0xbf])
    assert.equal(file.text.trim().split(/\r?\n/).length - 1, rows)
  })

  test('an application was refused: its page says why, how to mend it, and the reference leads to the journal', async () => {
    const { items: [{ client_id: client }] } = await ask('/clients')
    const visitor = await newPage(browser)
    await visitor.goto(new URL(`/oauth2/authorize?${new URLSearchParams({ client_id: client, response_type: 'code', scope: 'openid', redirect_uri: 'https://ailleurs.example/retour' })}`, demo.loginUrl).href)
    await visitor.context().close()
    const { items: [{ reference }] } = await ask(`/clients/${client}/errors`)
    await page.goto(new URL(`/applications/${client}?tab=journal`, demo.consoleUrl).href)
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: reference, exact: true }) })
    await row.getByRole('rowheader', { name: /^L’application ou son adresse de retour n’est pas celle qui est enregistrée/ }).waitFor()
    await row.getByText('Envoyez redirect_uri à l’octet près').waitFor()
    await settled(page)
    await assertAccessible(page, 'refusals')
    await shot(page, `refusals-${database}`)
    await row.getByRole('link', { name: reference, exact: true }).click()
    await page.getByRole('heading', { name: 'Journal', level: 1 }).waitFor()
    await page.getByRole('button', { name: new RegExp(`^Retirer.*${reference}`) }).waitFor()
    // One entry bears it, and no other: more than one would be no answer here.
    await page.getByRole('rowheader').filter({ hasText: reference }).waitFor()
  })

  test('a report of the connector check is handed in as the sandbox writes it, and said to be verified by nobody', async () => {
    const { items: [{ client_id: client }] } = await ask('/clients')
    await page.goto(new URL(`/applications/${client}?tab=controle`, demo.consoleUrl).href)
    await page.getByText('Aucun rapport remis.').waitFor()
    const file = JSON.stringify(report())
    await page.getByTestId('report').setInputFiles({ name: 'report.json', mimeType: 'application/json', buffer: Buffer.from(file) })
    await page.getByText('Rapport remis, non vérifié.').waitFor()
    await page.getByText(createHash('sha256').update(file).digest('hex')).waitFor()
    const plays = page.getByRole('table', { name: 'Ce qu’elle fait de réponses justes et fausses' })
    assert.equal(await plays.getByText('À corriger', { exact: true }).count(), 1)
    await settled(page)
    await assertAccessible(page, 'connector check')
    await shot(page, `connector-check-${database}`)
    await visit(page, 'Applications')
    await page.getByRole('link', { name: /^38\/39/ }).waitFor()
  })

  test('a mapping that cannot be read is refused in place; a good one is the next version; the first comes back', async () => {
    const { items } = await ask('/sources')
    const rh = items.find((one) => one.kind === 'hr_csv')
    await page.goto(new URL(`/sources/${rh.id}`, demo.consoleUrl).href)
    const before = await ask(`/sources/${rh.id}`)
    const text = page.getByRole('textbox', { name: 'Texte de la correspondance' })
    const save = async () => {
      await page.getByRole('button', { name: 'Enregistrer la version' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Enregistrer la version' }).click()
    }
    await page.getByRole('button', { name: 'Corriger' }).click()
    await page.getByText('Texte', { exact: true }).click()
    const good = await text.inputValue()
    await text.fill(`${good}\n[[columns`)
    await save()
    await page.locator('[aria-invalid=true]').waitFor()
    await assertAccessible(page, 'mapping-refused')
    assert.equal((await ask(`/sources/${rh.id}`)).mapping.version, before.mapping.version)
    await text.fill(`# relue avec la RH\n${good}`)
    await page.getByRole('region', { name: 'Ce qui change' }).getByText('# relue avec la RH').waitFor()
    await save()
    await page.getByText('Version enregistrée.').waitFor()
    await page.getByRole('button', { name: 'Masquer ce message' }).click()
    await page.getByRole('button', { name: 'Versions', exact: true }).click()
    await page.getByRole('button', { name: `Revenir à la version ${before.mapping.version}…` }).click()
    // The question names the next version too: the answer itself is waited for, not its number on screen.
    const kept = page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().endsWith(`/sources/${rh.id}/mapping`) && answer.ok())
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revenir à cette version' }).click()
    await kept
    await page.getByRole('main').getByText(`Version ${before.mapping.version + 2}`, { exact: true }).waitFor()
    const after = await ask(`/sources/${rh.id}`)
    assert.deepEqual([after.mapping.version, after.mapping.toml], [before.mapping.version + 2, before.mapping.toml])
  })

  test('two records are made one on an identity document, and split again: each is what it was', async () => {
    const { items } = await ask('/people?identity=not_applicable&state=active&means=none&limit=20')
    const [kept, other] = items
    const posts = async ({ id }) => (await ask(`/people/${id}`)).posts.length
    const [before, others] = [await posts(kept), await posts(other)]
    await page.goto(new URL(`/people/${kept.id}`, demo.consoleUrl).href)
    await page.getByRole('button', { name: 'Autres actions' }).click()
    await page.getByRole('menuitem', { name: /^Réunir à une autre fiche/ }).click()
    let dialog = page.getByRole('alertdialog')
    await dialog.getByRole('combobox', { name: /^L’autre fiche/ }).fill(other.matricules[0])
    await dialog.getByRole('option').click()
    await dialog.getByRole('table', { name: 'Les deux fiches côte à côte' }).waitFor()
    await dialog.getByRole('radio', { name: 'Pièce d’identité vue' }).check()
    await dialog.getByRole('textbox', { name: /^Motif/ }).fill('Même carte d’identité')
    await assertAccessible(page, 'merge')
    await shot(page, `person-merge-${database}`)
    await dialog.getByRole('button', { name: 'Réunir les deux fiches' }).click()
    const merged = page.getByRole('region', { name: /^Fiches réunies/ })
    await merged.getByText(/Même carte d’identité/).waitFor()
    assert.deepEqual([await posts(kept), await posts(other)], [before + others, 0])
    assert.equal((await ask(`/people/${other.id}`)).state, 'closed')
    await settled(page)
    await assertAccessible(page, 'person-merged')
    await merged.getByRole('button', { name: /^Séparer d[e’]/ }).click()
    dialog = page.getByRole('alertdialog')
    await dialog.getByRole('textbox').fill('Deux personnes')
    await dialog.getByRole('button', { name: 'Séparer les deux fiches' }).click()
    await page.waitForURL(`**/people/${other.id}`)
    await page.getByText(/^Fiches séparées/).waitFor()
    assert.deepEqual([await posts(kept), await posts(other)], [before, others])
  })

  test('a person is suspended and resumed, closed on a day to come and kept; each act is in the last acts', async () => {
    const { matricule } = demo.persona('doctor')
    const [{ id }] = (await ask(`/people?q=${matricule}`)).items
    await page.goto(new URL(`/people/${id}`, demo.consoleUrl).href)
    const other = async (name) => {
      await page.getByRole('button', { name: 'Autres actions' }).click()
      await page.getByRole('menuitem', { name }).click()
      return page.getByRole('alertdialog')
    }
    let dialog = await other('Suspendre')
    await dialog.getByRole('textbox').fill('Badge prêté')
    await dialog.getByRole('button', { name: 'Suspendre' }).click()
    await page.getByText('Suspension en place.').waitFor()
    assert.equal((await ask(`/people/${id}`)).state, 'suspended')
    await settled(page)
    await assertAccessible(page, 'person-suspended')
    dialog = await other('Lever la suspension')
    await dialog.getByRole('textbox').fill('Badge rendu')
    await dialog.getByRole('button', { name: 'Lever la suspension' }).click()
    await page.getByText('Suspension levée.').waitFor()
    dialog = await other(/^Fermer à une date/)
    await dialog.getByRole('spinbutton').first().click()
    await page.keyboard.type(`3112${new Date().getFullYear() + 1}`)
    await dialog.getByRole('textbox').fill('Retraite')
    await dialog.getByRole('button', { name: 'Prévoir la fermeture' }).click()
    await page.getByRole('main').getByText(/^Fermeture prévue à la fin du 31\/12/).waitFor()
    assert.equal((await ask(`/people/${id}`)).state, 'active')
    await shot(page, `person-closes-at-${database}`)
    dialog = await other('Annuler la fermeture prévue')
    await dialog.getByRole('button', { name: 'Annuler la fermeture prévue' }).click()
    await page.getByText('Fermeture annulée.').waitFor()
    assert.equal((await ask(`/people/${id}`)).closes_at ?? null, null)

    await page.getByRole('button', { name: /compte d[e’]/ }).click()
    await page.getByRole('menuitem', { name: 'Mes dernières actions' }).click()
    const acts = page.getByRole('dialog', { name: 'Mes dernières actions' })
    await acts.getByRole('listitem').nth(3).waitFor()
    await assertAccessible(page, 'own-acts')
    await acts.getByRole('button', { name: 'Fermer' }).click()
    await settled(page)
  })
})
