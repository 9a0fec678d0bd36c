#!/usr/bin/env node
// Judges the report of `deploy/demo --once`: check-report.mjs FILE. Every fault is told, each on a line.
import { existsSync, readFileSync } from 'node:fs'

const [, , file] = process.argv
if (!existsSync(file)) {
  console.error(`error: the demo wrote no ${file}`)
  process.exit(1)
}
const report = JSON.parse(readFileSync(file, 'utf8'))
const faults = []
const at = (path) => path.split('.').reduce((value, key) => value?.[key], report)
const must = (path, holds, wanted) => {
  const value = at(path)
  if (!holds(value)) faults.push(`${path} is ${JSON.stringify(value)}, wanted ${wanted}`)
}
const positive = (value) => typeof value === 'number' && value > 0
const number = (value) => typeof value === 'number' && value >= 0
const share = (value) => typeof value === 'number' && value >= 0 && value <= 1
const interval = (value) => Array.isArray(value) && value.length === 2 && value.every(share) && value[0] <= value[1]

for (const source of ['hr', 'ad', 'register']) {
  must(`${source}.lines`, positive, 'a count above 0')
  must(`${source}.persons`, positive, 'a count above 0')
  must(`${source}.seconds`, number, 'a duration')
}
for (const count of ['people', 'linked']) must(`reconciliation.${count}`, positive, 'a count above 0')
for (const count of ['doubts', 'unmatched']) must(`reconciliation.${count}`, number, 'a count')
must('reconciliation.wrong_links', (value) => value === 0, 'no wrong link at all')
must('reconciliation.precision', (value) => value === 1, '1, since no link is wrong')
must('reconciliation.recall', (value) => share(value) && value >= 0.9, 'at least 0.90')
must('reconciliation.precision_interval', interval, 'an interval within 0 and 1')
must('reconciliation.recall_interval', interval, 'an interval within 0 and 1')
must('login', (value) => typeof value?.sub === 'string' || typeof value?.claims?.sub === 'string', 'the claims that the client received')
must('audit.entries', positive, 'a count above 0')
must('audit.verified', (value) => value === true, 'true')
must('start_ms', positive, 'a duration')
must('idle_rss_mb', positive, 'a size')

for (const fault of faults) console.error(`error: ${file}: ${fault}`)
if (faults.length > 0) process.exit(1)
console.log(`${file} holds what it must: ${report.reconciliation.people} people, ${report.reconciliation.linked} linked`)
