// Discovery and JWKS against a bare handler that answers the same bytes. Budget: 1.3 times (design, section 11).
import { startAppliance, freePorts } from '../e2e/appliance.mjs'
import { load, record, startBare, summary } from './lib.mjs'

const appliance = await startAppliance()
try {
  for (const [name, path] of [['discovery', '/.well-known/openid-configuration'], ['jwks', '/oauth2/jwks']]) {
    const url = `${appliance.publicUrl}${path}`
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
    const [port] = await freePorts(1)
    const bare = await startBare(Buffer.from(await answer.arrayBuffer()), port)
    const ours = [], theirs = []
    // In turns, so that what else the machine does falls on both.
    for (let round = 0; round < 5; round++) {
      theirs.push(await load(bare.url, bare.pid, { seconds: 3 }))
      ours.push(await load(url, appliance.pid, { seconds: 3 }))
    }
    bare.stop()
    const [hygie, floor] = [summary(ours), summary(theirs)]
    record(name, { hygie, floor, cpu_ratio: (hygie.cpu_us.median / floor.cpu_us.median).toFixed(3) })
  }
} finally {
  await appliance.stop()
}
