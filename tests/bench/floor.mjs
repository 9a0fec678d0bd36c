// The HTTP floor of this machine, and how steady it is: the bare handler against itself. A comparison whose own noise
// is wider than the budget (1.3 times) says nothing; look here first.
import { load, record, startBare, summary } from './lib.mjs'
import { freePorts } from '../e2e/appliance.mjs'

const ports = await freePorts(2)
const body = JSON.stringify({ issuer: 'https://floor.example', filler: 'x'.repeat(2000) })
const [left, right] = await Promise.all(ports.map((port) => startBare(body, port)))
const measures = { left: [], right: [] }
for (let round = 0; round < 5; round++) {
  measures.left.push(await load(left.url, left.pid, { seconds: 2 }))
  measures.right.push(await load(right.url, right.pid, { seconds: 2 }))
}
left.stop()
right.stop()
const [a, b] = [summary(measures.left), summary(measures.right)]
record('floor', { left: a, right: b, cpu_ratio: (a.cpu_us.median / b.cpu_us.median).toFixed(3) })
