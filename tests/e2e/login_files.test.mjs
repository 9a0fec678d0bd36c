// What the login pages send to old embedded windows: a script that an ES5 parser reads, a style of an allowed list
// (console, section 7.1). No browser: such engines cannot run here.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'acorn'

const asset = (name) => readFileSync(new URL(`../../crates/web/assets/${name}`, import.meta.url), 'utf8')

test('the script of the login pages is ES5, and light', () => {
  const script = asset('login.js')
  parse(script, { ecmaVersion: 5 })
  assert.throws(() => parse('var a = () => 1', { ecmaVersion: 5 }), 'the parser reads no later language')
  assert.ok(Buffer.byteLength(script) <= 8 * 1024, `${Buffer.byteLength(script)} bytes`)
})

/** Known to Chromium 69, Firefox ESR and IE mode, or harmless where it is not known (overflow-wrap). */
const PROPERTIES = new Set(('align-items background border border-bottom border-collapse border-color border-left border-radius ' +
  'border-top border-width box-sizing clear color cursor display fill flex flex-wrap font font-family font-size font-weight height ' +
  'justify-content letter-spacing line-height margin margin-bottom margin-left margin-right margin-top max-width min-height ' +
  'min-width outline outline-color outline-offset overflow-wrap padding padding-bottom padding-left padding-top stroke ' +
  'stroke-linecap stroke-linejoin stroke-width text-align text-decoration text-transform vertical-align white-space width ' +
  'word-wrap').split(' '))
const DISPLAYS = new Set(['block', 'flex', 'inline-block', 'inline-flex', 'none'])

/** Declarations of a plain style sheet: rules, and rules inside one media query. */
function declarations(style) {
  const bare = style.replace(/\/\*[\s\S]*?\*\//g, '')
  const found = []
  for (const [, selector, body] of bare.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    for (const one of body.split(';').map((text) => text.trim()).filter(Boolean)) {
      const [name, ...value] = one.split(':')
      found.push({ selector: selector.trim(), name: name.trim(), value: value.join(':').trim() })
    }
  }
  return found
}

test('the style of the login pages keeps to what old engines know', () => {
  const style = asset('login.css')
  assert.ok(Buffer.byteLength(style) <= 12 * 1024)
  const all = declarations(style)
  assert.ok(all.length > 100, `${all.length} declarations read`)
  for (const { selector, name, value } of all) {
    assert.ok(PROPERTIES.has(name), `${selector} { ${name} }`)
    assert.doesNotMatch(value, /var\(|calc\(|clamp\(|min\(|max\(|env\(/, `${selector} { ${name}: ${value} }`)
    if (name === 'display') assert.ok(DISPLAYS.has(value), `${selector} { display: ${value} }`)
    assert.doesNotMatch(selector, /:is\(|:where\(|:has\(|:focus-visible|:focus-within|::/, selector)
  }
  assert.doesNotMatch(style, /@(supports|layer|container|import|font-face)/)
})
