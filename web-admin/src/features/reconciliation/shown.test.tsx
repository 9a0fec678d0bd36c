import { expect, test } from 'vitest'
import { shown } from './shown'

test('a code keeps every digit, a count is read in groups', () => {
  for (const code of ['097512', '012345', '010000016', '010000016, 010000024']) expect(shown('matricule', code)).toBe(code)
  expect(shown('family_name', '1 sur 20000')).toBe('1 sur 20\u202f000')
})
