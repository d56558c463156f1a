/** Passkeys in the browser: options and answers travel as JSON, with bytes in base64url. */

import { api } from './api.js';

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export const passkeysWork = () => Boolean(globalThis.PublicKeyCredential);

/** A new passkey for whoever is signed in. */
export async function makePasskey(name) {
  const { ticket, options } = await api.challengeNewPasskey();
  const made = await navigator.credentials.create({
    publicKey: {
      ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) })),
    },
  });
  return api.addPasskey({
    ticket, name,
    credential: {
      id: made.id, rawId: text(made.rawId), type: made.type,
      response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) },
    },
  });
}

/** A ticket and what one of the owner's passkeys answered. */
export async function usePasskey() {
  const { ticket, options } = await api.challengePasskey();
  const got = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] } });
  const { response } = got;
  return {
    ticket,
    credential: {
      id: got.id, rawId: text(got.rawId), type: got.type,
      response: {
        clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
        signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    },
  };
}
