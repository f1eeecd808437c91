// Passkeys: the one thing of this portal that a page cannot do without a script. A form with the server's options in data-options
// stays hidden until this runs; it puts what the device signed into its field "credential" and sends itself like any form.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

// By hand and not with parseRequestOptionsFromJSON: phones a few years old have passkeys without it.
async function signed(options) {
  const wished = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
  const { rawId, type, response } = await navigator.credentials.get({ publicKey: wished });
  const user = response.userHandle ? { userHandle: text(response.userHandle) } : {};
  return { rawId: text(rawId), id: text(rawId), type, response: {
    clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
    signature: text(response.signature), ...user } };
}

async function made(options) {
  const user = { ...options.user, id: bytes(options.user.id) };
  const wished = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: known(options.excludeCredentials) };
  const { rawId, type, response } = await navigator.credentials.create({ publicKey: wished });
  return { rawId: text(rawId), id: text(rawId), type, response: {
    clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) } };
}

for (const form of document.querySelectorAll("form[data-options]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    try {
      const options = JSON.parse(form.dataset.options);
      form.elements.credential.value = JSON.stringify(await (options.user ? made(options) : signed(options)));
      form.requestSubmit();
    } catch {
      failed.hidden = false; // cancelled, timed out, or no passkey here: the page's other ways stay
      failed.focus();
    }
  });
}
