// npm install passport openid-client express express-session jose
// ISSUER, CLIENT_ID, CLIENT_SECRET: what Hygie gave. BASE_URL: this application as browsers reach it, behind its proxy.
import express from 'express'
import session from 'express-session'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { Strategy } from 'openid-client/passport'
import passport from 'passport'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, PORT, SESSION_SECRET } = process.env
const provider = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.ClientSecretBasic(CLIENT_SECRET))
// The library leaves the signature to TLS unless told (OIDC Core §3.1.3.7, point 6); ANSSI asks for it (PA-080 R28).
oidc.enableNonRepudiationChecks(provider)
const keys = createRemoteJWKSet(new URL(provider.serverMetadata().jwks_uri))
const store = new session.MemoryStore() // one process; with several, a store that they share
const opened = new Map() // `sid` of the provider → our session, for its logout calls

/** A nonce is drawn for each login, beside the `state` and the PKCE that the strategy draws by itself. */
class HygieStrategy extends Strategy {
  authorizationRequestParams(request, options) {
    const parameters = super.authorizationRequestParams(request, options) ?? new URLSearchParams()
    parameters.set('state', oidc.randomState())
    parameters.set('nonce', oidc.randomNonce())
    const { acr } = request.query
    if (acr) parameters.set('acr_values', acr) // a stronger login: hold its claim `acr` to it, where it matters
    return parameters
  }
}

const strategy = { name: 'hygie', config: provider, scope: 'openid profile', callbackURL: `${BASE_URL}/callback` }
passport.use(new HygieStrategy(strategy, (tokens, done) => {
  done(null, { claims: tokens.claims(), idToken: tokens.id_token, refreshToken: tokens.refresh_token })
}))
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.set('trust proxy', 1)
const cookie = { secure: true, httpOnly: true, sameSite: 'lax' }
app.use(session({ name: 'dpi', secret: SESSION_SECRET, store, cookie, resave: false, saveUninitialized: false }))
app.use(passport.session())

// The strategy goes to the provider, and takes its answer back at the address of return.
app.get('/login', passport.authenticate('hygie'))
app.get('/callback', passport.authenticate('hygie', { failWithError: true }), (request, response) => {
  opened.set(request.user.claims.sid, request.sessionID)
  response.redirect('/')
})
app.get('/', (request, response) => response.json(request.user ? { claims: request.user.claims } : {}))

app.post('/refresh', async (request, response) => {
  try {
    const tokens = await oidc.refreshTokenGrant(provider, request.user.refreshToken)
    const user = { ...request.user, refreshToken: tokens.refresh_token ?? request.user.refreshToken }
    request.login(user, () => {
      // Passport gives each login a session of its own.
      opened.set(user.claims.sid, request.sessionID)
      response.json({ refreshed: 1 })
    })
  } catch (fault) {
    response.status(401).json({ refused: fault.error ?? fault.message })
  }
})

app.get('/logout', (request, response) => {
  const idToken = request.user?.idToken
  request.logout(() => {
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
      delete ours.passport
      await new Promise((done, failed) => store.set(id, ours, (fault) => (fault ? failed(fault) : done())))
    }
    opened.delete(payload.sid)
    response.sendStatus(200)
  } catch (fault) {
    response.status(400).json({ error: 'invalid_request', error_description: fault.message })
  }
})

app.use((fault, _request, response, _next) => response.status(401).json({ refused: fault.message }))
app.listen(Number(PORT), '127.0.0.1')
