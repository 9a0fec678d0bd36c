// S09, to the DMP: an application written for Pro Santé Connect works by its issuer, client id and secret alone; before the
// DMP it asks for a fresh second factor and receives who practises, where and as what; who is not proved to practise, or
// whose login is too weak, gets nothing of it. On PostgreSQL two nodes share the work.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchBrowser } from './browser.mjs'
import { onEachDatabase } from './databases.mjs'
import { STACKS, newPerson, startHospital, startStack } from './stock.mjs'

onEachDatabase((database) => {
  let browser, hospital

  before(async () => {
    hospital = await startHospital({ database, register: true, nodes: database === 'PostgreSQL' ? 2 : 1 })
    browser = await launchBrowser({ trusts: [hospital.ca, hospital.pki.ca] })
  })

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
      const doctor = await newPerson(hospital, browser, 'doctor')
      const weak = await open(doctor)
      for (const name of ['SubjectNameID', 'SubjectRole', 'SubjectRefPro']) assert.equal(weak[name], undefined, `${name} by a password alone`)
      await doctor.leave()
      await doctor.page.context().clearCookies()
      await doctor.enrolKey()
      const strong = await open(doctor)
      // As Pro Santé Connect writes them: strings, lists and objects alike.
      assert.equal(strong.SubjectNameID, `8${doctor.persona.rpps}`)
      assert.equal(strong.family_name.toUpperCase(), doctor.persona.usage_name.toUpperCase())
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

  test('before the DMP: a fresh second factor, then who practises; nobody unproved, no weak login', async () => {
    const application = await startStack(hospital, 'openid-client', ['--profile', 'psc-like', '--scope', 'scope_all'])
    try {
      const doctor = await newPerson(hospital, browser, 'homonym')
      const { page } = doctor
      const claims = async () => {
        await page.goto(`${application.base}/`)
        return JSON.parse(await page.locator('body').innerText()).claims
      }
      await page.goto(`${application.base}/login`)
      await doctor.byPassword()
      await page.waitForURL(`${application.base}/`)
      const first = await claims()
      assert.equal(first.acr, 'eidas1')
      await doctor.enrolKey()
      // A login of this second is asked: the key again, although a session is open.
      await page.goto(`${application.base}/login?acr=eidas2&max_age=0`)
      await doctor.byKey()
      await page.waitForURL(`${application.base}/`)
      const fresh = await claims()
      assert.equal(fresh.acr, 'eidas2')
      assert.ok(fresh.auth_time >= first.auth_time)
      assert.notEqual(fresh.sid, undefined)
      // A level that nobody reaches with what she has is refused, never lowered in silence.
      await page.goto(`${application.base}/login?acr=eidas3`)
      await doctor.byKey()
      // The provider keeps her and says what is missing: the application gets no weaker answer.
      await page.waitForURL(`${hospital.appliance.publicUrl}/login/key/answer`)
      await page.locator('main').waitFor()
      assert.equal((await claims()).acr, 'eidas2', 'what was open stays what it was')
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
