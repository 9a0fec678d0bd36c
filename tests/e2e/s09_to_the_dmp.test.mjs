// S09, to the DMP: an application written for Pro Santé Connect works by its issuer, client id and secret alone; before the
// DMP it asks for a fresh second factor and receives who practises, where and as what, of the exercise that she chose; who is
// not proved to practise, or whose login is too weak or over, gets nothing of it and is told why. On PostgreSQL two nodes
// share the work. The cardiologist of this hospital is an osteopath too.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './axe.mjs'
import { launchBrowser, shot } from './browser.mjs'
import { onEachDatabase } from './databases.mjs'
import { AIR_CLAIMS, STACKS, newPerson, startHospital, startStack } from './stock.mjs'

/** The hospital whose cardiologist has two exercises, and whose first Marie Martin is linked to nobody of the register. */
const SEED = 21
const ASKED = { name: 'Sous quel exercice travaillez-vous ?' }
// What is told of an exercise, in the layout of Pro Santé Connect.
const OF_EXERCISE = ['SubjectRole', 'SubjectRefPro', 'SubjectOrganization', 'SubjectOrganizationID', 'Secteur_Activite', 'codeCivilite']
const OF_IDENTITY = ['SubjectNameID', 'otherIds', 'rpps']

onEachDatabase((database) => {
  let browser, hospital

  before(async () => {
    hospital = await startHospital({ database, register: true, seed: SEED, nodes: database === 'PostgreSQL' ? 2 : 1 })
    browser = await launchBrowser({ trusts: [hospital.ca, hospital.pki.ca] })
  })

  /** The DPI, before the DMP: nobody without a national identity, and what a VIHF is made of. */
  const startAir = () => startStack(hospital, 'AIR', ['--profile', 'psc-like', '--scope', 'scope_all', '--needs-national-identity', ...AIR_CLAIMS.flatMap((name) => ['--claim', name])])

  after(async () => {
    await browser?.close()
    await hospital?.stop()
  })

  test('a client written for Pro Santé Connect works by issuer, client id and secret alone', { skip: STACKS['PSC recipe'].missing() }, async () => {
    const application = await startStack(hospital, 'PSC recipe', ['--profile', 'psc-like', '--scope', 'scope_all'])
    try {
      const told = async (person) => {
        const answer = await person.page.reload()
        return JSON.parse(Buffer.from(answer.headers()['x-userinfo'], 'latin1').toString())
      }
      const open = async (person) => {
        await person.page.goto(`${application.base}/`)
        await person.byPassword()
        await person.page.waitForURL(`${application.base}/`)
        return told(person)
      }
      // A nurse, who practises here in one way: no exercise is asked.
      const nurse = await newPerson(hospital, browser, 'nurse')
      const weak = await open(nurse)
      for (const name of ['SubjectNameID', 'SubjectRole', 'SubjectRefPro']) assert.equal(weak[name], undefined, `${name} by a password alone`)
      await nurse.leave()
      await nurse.page.context().clearCookies()
      await nurse.enrolKey()
      const strong = await open(nurse)
      // As Pro Santé Connect writes them: strings, lists and objects alike.
      assert.equal(strong.SubjectNameID, `8${nurse.persona.rpps}`)
      assert.equal(strong.family_name.toUpperCase(), nurse.persona.usage_name.toUpperCase())
      assert.ok(Array.isArray(strong.SubjectRole) && strong.SubjectRole.every((role) => typeof role === 'string'), JSON.stringify(strong.SubjectRole))
      assert.equal(typeof strong.SubjectRefPro, 'object')
      assert.ok(Array.isArray(strong.SubjectRefPro.exercices), JSON.stringify(strong.SubjectRefPro))
      assert.ok(Array.isArray(strong.otherIds), JSON.stringify(strong.otherIds))
      for (const name of ['SubjectOrganization', 'SubjectOrganizationID', 'Secteur_Activite', 'Palier_Authentification', 'PSI_Locale', 'UITVersion']) {
        assert.equal(typeof strong[name], 'string', name)
      }
    } finally {
      await application.stop()
    }
  })

  test('before the DMP: a fresh second factor, her exercise, then who practises where and as what', async () => {
    const application = await startAir()
    try {
      const doctor = await newPerson(hospital, browser, 'doctor')
      const { page } = doctor
      const told = async () => {
        await page.goto(`${application.base}/`)
        return JSON.parse(await page.locator('body').innerText())
      }
      await page.goto(`${application.base}/login`)
      await doctor.byPassword()
      await page.waitForURL(`${application.base}/`)
      const first = await told()
      assert.equal(first.claims.acr, 'eidas1')
      for (const name of [...OF_IDENTITY, ...OF_EXERCISE, 'codeProfession']) assert.equal(first.userinfo[name], undefined, `${name} by a password alone`)
      await doctor.enrolKey()
      // A login of this second is asked: the key again, although a session is open. Then under which exercise she acts.
      await page.goto(`${application.base}/login?acr=eidas2&max_age=0`)
      await doctor.byKey()
      await page.getByRole('heading', ASKED).waitFor()
      await assertAccessible(page, 'the choice of an exercise')
      await shot(page, `s09-exercise-${database}`)
      assert.equal(await page.locator('#hy-exercises button').count(), 2)
      // In silence nobody is asked: the application hears that it must let her choose.
      await page.goto(`${application.base}/login?acr=eidas2&prompt=none`)
      assert.match(await page.locator('body').innerText(), /has to choose under which exercise/)
      await page.goto(`${application.base}/login?acr=eidas2&max_age=60`)
      await page.getByRole('button', { name: /^Médecin – Cardiologie/ }).click()
      await page.waitForURL(`${application.base}/`)
      const { claims, userinfo } = await told()
      assert.equal(claims.acr, 'eidas2')
      assert.ok(claims.auth_time >= first.claims.auth_time && Date.now() / 1000 - claims.auth_time < 60, String(claims.auth_time))
      assert.ok(claims.amr.includes('mfa') && claims.amr.includes('user'), String(claims.amr))
      assert.notEqual(claims.sid, undefined)
      const { rpps } = doctor.persona
      const [exercise, ...others] = userinfo.SubjectRefPro.exercices
      const [activity, ...elsewhere] = exercise.activities
      assert.deepEqual([others, elsewhere], [[], []], 'the chosen exercise alone')
      assert.deepEqual({ ...userinfo, SubjectRefPro: undefined }, {
        ...userinfo,
        SubjectRefPro: undefined,
        SubjectNameID: `8${rpps}`,
        rpps,
        otherIds: [{ identifiant: `8${rpps}`, origine: 'RPPS', qualite: 1 }],
        family_name: 'LE GOFF',
        given_name: 'SOLENE',
        SubjectRole: ['10^1.2.250.1.213.1.1.5.5'],
        SubjectOrganization: 'CH DE VALBRUME',
        SubjectOrganizationID: 'F990000010',
        Secteur_Activite: 'SA01^1.2.250.1.71.4.2.4',
        codeCivilite: 'MME',
        codeProfession: '10',
        codeTypeSavoirFaire: 'S',
        codeSavoirFaire: 'SM04',
        codeGenreActivite: 'GENR01',
        finess: '990000002',
      })
      assert.equal(typeof userinfo.service, 'string')
      // A key has no class of SAML; she is no pharmacist; doctors have no role of TRE_R85.
      for (const name of ['saml_authn_context', 'codeSectionPharmacien', 'codeRole']) assert.ok(AIR_CLAIMS.includes(name) && !(name in userinfo), name)
      const { activities: _, ...practice } = exercise
      assert.deepEqual(practice, {
        codeProfession: '10', codeCategorieProfessionnelle: 'C', codeCiviliteDexercice: 'DR', nomDexercice: 'LE GOFF', prenomDexercice: 'SOLENE',
        codeTypeSavoirFaire: 'S', codeSavoirFaire: 'SM04',
      })
      assert.deepEqual([activity.codeModeExercice, activity.numeroFinessSite, activity.numeroFinessetablissementJuridique], ['S', '990000010', '990000002'])
      // Changed on the portal, told from the next login on.
      await page.goto(`${hospital.appliance.publicUrl}/portal`)
      await assertAccessible(page, 'the portal')
      assert.match(await page.locator('#hy-exercise').innerText(), /Exercice : Médecin – Cardiologie/)
      await page.getByRole('link', { name: 'changer d’exercice' }).click()
      await page.getByRole('heading', ASKED).waitFor()
      await assertAccessible(page, 'the change of an exercise')
      await page.getByRole('button', { name: /^Ostéopathe/ }).click()
      await page.waitForURL(`${hospital.appliance.publicUrl}/portal`)
      await page.goto(`${application.base}/login?acr=eidas2&prompt=none`)
      await page.waitForURL(`${application.base}/`)
      const changed = (await told()).userinfo
      assert.deepEqual([changed.SubjectRole, changed.codeProfession, changed.codeSavoirFaire], [['71^1.2.250.1.213.1.1.5.5'], '71', undefined])
      // A level that nobody reaches with what she has is refused, never lowered in silence.
      await page.goto(`${application.base}/login?acr=eidas3`)
      await doctor.byKey()
      // The provider keeps her and says what is missing: the application gets no weaker answer.
      await page.waitForURL(`${hospital.appliance.publicUrl}/login/key/answer`)
      await page.locator('main').waitFor()
      assert.equal((await told()).claims.acr, 'eidas2', 'what was open stays what it was')
      // A login that is too old, then one that is over: in silence refused, otherwise asked again.
      await page.goto(`${application.base}/login?acr=eidas2&max_age=0&prompt=none`)
      assert.match(await page.locator('body').innerText(), /a login is needed and prompt is none/)
      await doctor.leave()
      await page.goto(`${application.base}/login?acr=eidas2&prompt=none`)
      assert.match(await page.locator('body').innerText(), /a login is needed and prompt is none/)
      await page.goto(`${application.base}/login?acr=eidas2`)
      await page.getByLabel('Votre identifiant').waitFor()
    } finally {
      await application.stop()
    }
  })

  test('a nurse without RPPS is refused with the reason, on the page, to the application and in its journal', async () => {
    const application = await startAir()
    try {
      const nurse = await newPerson(hospital, browser, 'homonym')
      const { page } = nurse
      await page.goto(`${application.base}/login`)
      await nurse.byPassword()
      await page.getByRole('heading', { name: /demande un numéro RPPS vérifié, et aucun n’est relié à votre fiche/ }).waitFor()
      await assertAccessible(page, 'no national identity')
      await shot(page, `s09-no-identity-${database}`)
      await page.getByRole('link', { name: 'Revenir à AIR' }).click()
      await page.waitForURL((url) => url.href.startsWith(`${application.base}/callback`))
      const said = await page.locator('body').innerText()
      assert.match(said, /takes people with a verified national identity alone/)
      for (const own of [nurse.persona.usage_name, nurse.persona.matricule]) assert.ok(!`${said} ${page.url()}`.includes(own), own)
      await page.goto(`${application.base}/login?prompt=none`)
      assert.match(await page.locator('body').innerText(), /takes people with a verified national identity alone/)
      const refusals = await hospital.appliance.hygie('client', 'errors', application.client_id)
      assert.ok(JSON.stringify(refusals).includes('"no_national_identity"'), JSON.stringify(refusals))
      // Nothing else of hers closed.
      await page.goto(`${hospital.appliance.publicUrl}/portal`)
      await page.getByText('Aucun numéro RPPS n’est relié à votre fiche.').waitFor()
    } finally {
      await application.stop()
    }
  })

  if (database === 'PostgreSQL') {
    test('both nodes took part', () => {
      assert.ok(hospital.taken().every((count) => count > 1), String(hospital.taken()))
    })
  }
})
