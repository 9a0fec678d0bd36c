# pip install Authlib Flask requests
# ISSUER, CLIENT_ID, CLIENT_SECRET: what Hygie gave. BASE_URL: this application as browsers reach it, behind its proxy.
import os
import time
from urllib.parse import urlencode

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError
from flask import Flask, jsonify, redirect, request, session

ISSUER, BASE_URL = os.environ["ISSUER"], os.environ["BASE_URL"]
app = Flask(__name__)
app.secret_key = os.environ["SESSION_SECRET"]
app.config.update(SESSION_COOKIE_NAME="dpi", SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")
hygie = OAuth(app).register(
    "hygie",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=ISSUER + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
)
people = {}  # `sid` of the provider -> what we know of who is logged in (one process; with several, a shared store)


@app.get("/login")
def login():
    more = {}
    if acr := request.args.get("acr"):  # a stronger login: ?acr=eidas2
        more["acr_values"] = session["acr"] = acr
    if max_age := request.args.get("max_age"):  # a fresh one: ?max_age=60
        more["max_age"] = max_age
    return hygie.authorize_redirect(BASE_URL + "/callback", **more)


@app.get("/callback")
def callback():
    try:
        token = hygie.authorize_access_token()  # state, PKCE, signature, iss, aud, exp and nonce are checked here
        person = {"claims": token["userinfo"], "userinfo": hygie.userinfo(token=token), "token": token}
    except (OAuthError, JoseError) as refused:
        return jsonify(refused=str(refused)), 401
    # The answer's `iss` (RFC 9207) tells an answer of another provider.
    if request.args.get("iss") != hygie.load_server_metadata()["issuer"]:
        return jsonify(refused="this answer is not from our provider"), 401
    # eidas1, eidas2, eidas3: what was asked is held to, whatever was answered.
    if token["userinfo"]["acr"] < session.pop("acr", "eidas1"):
        return jsonify(refused="this login is too weak"), 401
    session.clear()
    session["sid"] = token["userinfo"]["sid"]
    people[session["sid"]] = person
    return redirect("/")


@app.get("/")
def home():
    person = people.get(session.get("sid"))
    return jsonify({"claims": person["claims"], "userinfo": person["userinfo"]} if person else {})


@app.post("/refresh")
def refresh():
    person = people.get(session.get("sid"))
    if not person:
        return jsonify(refused="nobody is logged in"), 401
    try:
        metadata = hygie.load_server_metadata()
        with hygie._get_oauth_client(**metadata) as client:
            new = client.refresh_token(metadata["token_endpoint"], refresh_token=person["token"]["refresh_token"])
    except OAuthError as refused:
        return jsonify(refused=refused.error), 401
    person["token"].update(new)  # each refresh token serves once: the next one takes its place
    return jsonify(refreshed=1)


@app.get("/logout")
def logout():
    person = people.pop(session.pop("sid", None), None)
    if not person:
        return redirect("/")
    after = {"id_token_hint": person["token"]["id_token"], "post_logout_redirect_uri": BASE_URL + "/"}
    return redirect(hygie.load_server_metadata()["end_session_endpoint"] + "?" + urlencode(after))


# Called by the provider itself when a session ends elsewhere (OpenID Connect Back-Channel Logout 1.0 §2.6).
@app.post("/backchannel-logout")
def backchannel_logout():
    try:
        keys = JsonWebKey.import_key_set(hygie.fetch_jwk_set(force=True))
        token = JsonWebToken(["RS256"]).decode(request.form["logout_token"], keys)
        now = time.time()
        event = token.get("events", {}).get("http://schemas.openid.net/event/backchannel-logout")
        right = (
            token.header.get("typ", "").lower() == "logout+jwt"
            and token["iss"] == hygie.load_server_metadata()["issuer"]
            and token["aud"] == hygie.client_id
            and token["iat"] <= now + 5 and now < token["exp"]
            and isinstance(event, dict) and "nonce" not in token
        )
        if not right:
            raise ValueError("not a logout token")
        people.pop(token["sid"], None)
    except (JoseError, KeyError, ValueError) as refused:
        return jsonify(error="invalid_request", error_description=str(refused)), 400, {"Cache-Control": "no-store"}
    return "", 200, {"Cache-Control": "no-store"}


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ["PORT"]))
