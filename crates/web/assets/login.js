/* Login pages: focus, one press at a time, keys. ES5, since old embedded browsers read it. */
(function () {
  "use strict";

  function byId(id) { return document.getElementById(id); }

  function show(id, yes) {
    var element = byId(id);
    if (element) { element.className = element.className.replace(/\s*\bhidden\b/g, "") + (yes ? "" : " hidden"); }
  }

  function bytes(text) {
    var base64 = text.replace(/-/g, "+").replace(/_/g, "/");
    while (base64.length % 4) { base64 += "="; }
    var raw = window.atob(base64), array = new Uint8Array(raw.length), i;
    for (i = 0; i < raw.length; i += 1) { array[i] = raw.charCodeAt(i); }
    return array;
  }

  function text(buffer) {
    var array = new Uint8Array(buffer), raw = "", i;
    for (i = 0; i < array.length; i += 1) { raw += String.fromCharCode(array[i]); }
    return window.btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function eachId(list) {
    var i;
    for (i = 0; list && i < list.length; i += 1) { list[i].id = bytes(list[i].id); }
  }

  function common(credential) {
    var extensions = credential.getClientExtensionResults ? credential.getClientExtensionResults() : {};
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: extensions };
  }

  function ask(options) {
    options.challenge = bytes(options.challenge);
    eachId(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options }).then(function (credential) {
      var answer = common(credential), response = credential.response;
      answer.response = {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle && response.userHandle.byteLength ? text(response.userHandle) : null
      };
      return answer;
    });
  }

  function create(options) {
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    eachId(options.excludeCredentials);
    return navigator.credentials.create({ publicKey: options }).then(function (credential) {
      var answer = common(credential), response = credential.response;
      answer.response = {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject)
      };
      return answer;
    });
  }

  function key(form) {
    var start = byId("key-start"), running = false;
    if (!window.PublicKeyCredential || !navigator.credentials) {
      var none = byId("key-none"), heading = document.querySelector("h1");
      // « Touchez votre clé » is no advice here.
      if (none && heading) { heading.textContent = none.getAttribute("data-heading"); }
      show("key-none", true);
      return;
    }
    function run() {
      if (running) { return; }
      running = true;
      show("key-closed", false);
      var options = JSON.parse(form.getAttribute("data-options")).publicKey;
      var work = form.getAttribute("data-work") === "create" ? create(options) : ask(options);
      work.then(function (answer) {
        form.elements.answer.value = JSON.stringify(answer);
        form.submit();
      }, function () {
        // Closed by hand, late, or no key here: no refusal, the choice again.
        running = false;
        show("key-closed", true);
        if (start) { start.focus(); }
      });
    }
    if (start) {
      show("key-start", true);
      start.addEventListener("click", run);
    }
    run();
  }

  function oncePerPress(form) {
    var sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) { event.preventDefault(); return; }
      sent = true;
      window.setTimeout(function () {
        var button = form.querySelector("button.primary");
        if (button) { button.disabled = true; button.textContent = "Vérification…"; }
      }, 300);
    });
  }

  function begin() {
    var forms = document.querySelectorAll("form[data-once]"), i;
    for (i = 0; i < forms.length; i += 1) { oncePerPress(forms[i]); }
    var first = document.querySelector("[data-focus]");
    if (first) { first.focus(); }
    var form = byId("key");
    if (form) { key(form); }
  }

  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", begin); } else { begin(); }
}());
