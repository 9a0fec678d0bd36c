// node tests/lab/from-maven.mjs NAME: brings what the tests of a part want from Maven's repository, before they begin.
// Status 3 when that repository can't be reached, with the reason; any other fault is a failure.
import { fetchKeycloak } from '../broker/keycloak.mjs'
import { Unreachable } from '../e2e/maven.mjs'
import { springClasses } from '../spring/spring.mjs'

try {
  await { keycloak: fetchKeycloak, spring: springClasses }[process.argv[2]]()
} catch (fault) {
  if (!(fault instanceof Unreachable)) throw fault
  console.log(`not run: ${fault.message}`)
  process.exitCode = 3
}
