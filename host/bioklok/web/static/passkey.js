// Passkeys: the one thing here that a browser does by script alone (W3C Web Authentication).
// It asks the authenticator, puts the answer in the form and sends that; nothing else.
"use strict";

(() => {
  const form = document.getElementById("passkey-form");
  const answer = document.getElementById("passkey");
  const failed = document.getElementById("passkey-failed");
  const isMaking = form.dataset.making === "yes";
  document.getElementById("passkey-script").hidden = true;

  const bytes = (text) => {
    const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  const asked = () => {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of [options.excludeCredentials, options.allowCredentials]) {
      for (const one of list || []) one.id = bytes(one.id);
    }
    return options;
  };

  const said = (credential) => {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    const { id, type } = credential;
    return JSON.stringify({ id, type, rawId: text(credential.rawId), response, clientExtensionResults: {} });
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const publicKey = asked();
      const credential = isMaking
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
      answer.value = said(credential);
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
})();
