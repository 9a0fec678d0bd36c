import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import fr from '../lib/fr.json'

interface Document {
  components: { schemas: Record<string, { enum?: string[] }> }
}

const document = JSON.parse(readFileSync(join(process.cwd(), 'src/api/openapi.json'), 'utf8')) as Document

/** Which list of words speaks for which closed list of the API. */
const lists: Record<string, string> = {
  AccountState: 'accountState', AuditCategory: 'category', Capability: 'capability', CaseKind: 'caseKind', CaseState: 'caseState', Channel: 'channelOn', ClientAuth: 'auth', ClientProfile: 'profile',
  ClientState: 'clientState', Dependency: 'reach', Evidence: 'evidence', Health: 'health', ItemKind: 'kind', ItemResult: 'itemResult', JobKind: 'jobKind', JobState: 'jobState', JobUnit: 'jobUnit',
  MeansKind: 'meansKind', MeansState: 'meansState', NationalIdentityState: 'identity', Outcome: 'outcome', Owner: 'owner', PersonState: 'personState', Role: 'role', RunState: 'runState', SetupStepKind: 'setup.step',
  Sign: 'sign', SourceKind: 'sourceKind', TimelineSource: 'timelineSource', TodoKind: 'todo',
}

test.each(Object.entries(lists))('every %s has its word', (schema, list) => {
  const members = document.components.schemas[schema]?.enum ?? []
  expect(members.length).toBeGreaterThan(0)
  const words = fr as Record<string, string>
  expect(members.filter((member) => !words[`${list}.${member}`])).toEqual([])
})
