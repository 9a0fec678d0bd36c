import { render, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Failure } from './States'
import { ProblemError } from '../lib/problem'
import { Spoken } from './Spoken'
import { Note } from './Status'

test('a region that speaks is there before its words', () => {
  // What is drawn first: the region, and nothing in it yet.
  expect(renderToString(<Spoken>Enregistré.</Spoken>)).toBe('<div role="status"></div>')
  render(<Note mood="ok" role="status">Enregistré.</Note>)
  expect(screen.getByRole('status').textContent).toBe('Enregistré.')
})

test('a reference is not cut at its hyphen, and is copied as it is', () => {
  render(<Note mood="failure">Le serveur ne répond pas. Référence 7K3-P2Q.</Note>)
  expect(screen.getByText('7K3-P2Q').className).toContain('nowrap')
  render(<Failure error={new ProblemError(500, { code: 'internal', reference: 'K2M-8QT' })} />)
  expect(screen.getByText('K2M-8QT').className).toContain('whole')
})
