// From the command to a 200 of /readyz, and the memory held when nobody asks anything. Budgets: 1 s, 60 MB.
import { startAppliance } from '../e2e/appliance.mjs'
import { record, rssMb, summary } from './lib.mjs'

const measures = []
for (let round = 0; round < 5; round++) {
  const appliance = await startAppliance()
  try {
    await new Promise((idle) => setTimeout(idle, 2000)) // a benchmark of idleness waits by nature
    measures.push({ start_ms: appliance.startMs, idle_rss_mb: rssMb(appliance.pid) })
  } finally {
    await appliance.stop()
  }
}
record('start', { hygie: summary(measures) })
