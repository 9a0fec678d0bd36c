// npm install openid-client express express-session jose
// ISSUER, CLIENT_ID, CLIENT_SECRET: what Hygie gave. BASE_URL: this application as browsers reach it, behind its proxy.
import express from 'express'
import session from 'express-session'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, PORT, SESSION_SECRET } = process.env
const provider = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.ClientSecretBasic(CLIENT_SECRET))
// The library leaves the signature to TLS unless told (OIDC Core §3.1.3.7, point 6); ANSSI asks for it (PA-080 R28).
oidc.enableNonRepudiationChecks(provider)
const keys = createRemoteJWKSet(new URL(provider.serverMetadata().jwks_uri))
const store = new session.MemoryStore() // one process; with several, a store that they share
const opened = new Map() // `sid` of the provider → our session, for its logout calls

const app = express()
app.set('trust proxy', 1)
const cookie = { secure: true, httpOnly: true, sameSite: 'lax' }
app.use(session({ name: 'dpi', secret: SESSION_SECRET, store, cookie, resave: false, saveUninitialized: false }))

app.get('/login', async (request, response) => {
  const verifier = oidc.randomPKCECodeVerifier()
  const check = { pkceCodeVerifier: verifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() }
  // A fresh or stronger login: ?acr=eidas2, ?max_age=60.
  const { acr, max_age } = request.query
  if (max_age) check.maxAge = Number(max_age)
  request.session.check = check
  request.session.acr = acr
  const address = oidc.buildAuthorizationUrl(provider, {
    redirect_uri: `${BASE_URL}/callback`,
    scope: 'openid profile',
    state: check.expectedState,
    nonce: check.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(acr && { acr_values: acr }),
    ...(max_age && { max_age }),
  })
  response.redirect(address.href)
})

app.get('/callback', async (request, response) => {
  const { check, acr } = request.session
  if (!check) return response.status(400).json({ refused: 'no login under way in this browser' })
  delete request.session.check
  try {
    const tokens = await oidc.authorizationCodeGrant(provider, new URL(BASE_URL + request.originalUrl), check)
    const claims = tokens.claims()
    // eidas1, eidas2, eidas3: what was asked is held to, whatever was answered.
    if (acr && !(claims.acr >= acr)) throw new Error(`this login is ${claims.acr}, ${acr} was asked`)
    const userinfo = await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub)
    await new Promise((done, failed) => request.session.regenerate((fault) => (fault ? failed(fault) : done())))
    request.session.person = { claims, userinfo, idToken: tokens.id_token, refreshToken: tokens.refresh_token }
    opened.set(claims.sid, request.session.id)
    response.redirect('/')
  } catch (fault) {
    response.status(401).json({ refused: fault.error_description ?? fault.cause?.message ?? fault.message })
  }
})

app.get('/', (request, response) => {
  const { person } = request.session
  response.json(person ? { claims: person.claims, userinfo: person.userinfo } : {})
})

app.post('/refresh', async (request, response) => {
  const { person } = request.session
  if (!person) return response.status(401).json({ refused: 'nobody is logged in' })
  try {
    const tokens = await oidc.refreshTokenGrant(provider, person.refreshToken)
    // Each refresh token serves once: the next one takes its place.
    if (tokens.refresh_token) person.refreshToken = tokens.refresh_token
    response.json({ refreshed: 1 })
  } catch (fault) {
    response.status(401).json({ refused: fault.error ?? fault.message })
  }
})

app.get('/logout', (request, response) => {
  const idToken = request.session.person?.idToken
  request.session.destroy(() => {
    if (!idToken) return response.redirect('/')
    const after = { id_token_hint: idToken, post_logout_redirect_uri: `${BASE_URL}/` }
    response.redirect(oidc.buildEndSessionUrl(provider, after).href)
  })
})

// Called by the provider itself when a session ends elsewhere (OpenID Connect Back-Channel Logout 1.0 §2.6).
app.post('/backchannel-logout', express.urlencoded(), async (request, response) => {
  response.set('cache-control', 'no-store')
  try {
    const { payload } = await jwtVerify(request.body.logout_token, keys, {
      issuer: provider.serverMetadata().issuer, audience: CLIENT_ID, typ: 'logout+jwt', requiredClaims: ['iat', 'exp', 'jti', 'sid'],
    })
    const event = payload.events?.['http://schemas.openid.net/event/backchannel-logout']
    if (typeof event !== 'object' || 'nonce' in payload) throw new Error('not a logout token')
    // The person leaves; a login that somebody else has begun in the same browser goes on.
    const id = opened.get(payload.sid)
    const ours = id && (await new Promise((done, failed) => store.get(id, (fault, found) => (fault ? failed(fault) : done(found)))))
    if (ours) {
      delete ours.person
      await new Promise((done, failed) => store.set(id, ours, (fault) => (fault ? failed(fault) : done())))
    }
    opened.delete(payload.sid)
    response.sendStatus(200)
  } catch (fault) {
    response.status(400).json({ error: 'invalid_request', error_description: fault.message })
  }
})

app.listen(Number(PORT), '127.0.0.1')
