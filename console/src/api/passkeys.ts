/** Passkeys in the browser: options and answers travel as JSON, with bytes in base64url. */

import { answer, api } from './client';

/** What one of the owner's passkeys answered. */
export interface Proof {
  ticket: string;
  credential: Record<string, unknown>;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export const passkeysWork = (): boolean => 'PublicKeyCredential' in globalThis;

/** A new passkey for whoever is signed in; a DOMException when the device or its owner would not. */
export async function makePasskey(name: string): Promise<void> {
  const { ticket, options } = await answer(api.POST('/v1/account/passkey-challenge'));
  const asked = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const made = await navigator.credentials.create({
    publicKey: {
      ...(asked as unknown as PublicKeyCredentialCreationOptions),
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: (asked.excludeCredentials ?? []).map(({ id }) => ({ type: 'public-key', id: bytes(id) })),
    },
  }) as PublicKeyCredential;
  const { clientDataJSON, attestationObject } = made.response as AuthenticatorAttestationResponse;
  const response = { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) };
  await answer(api.POST('/v1/account/passkeys', { body: { ticket, name, credential: { id: made.id, rawId: text(made.rawId), type: made.type, response } } }));
}

/** Asks the browser for one of the owner's passkeys; a DOMException when there is none or its owner would not. */
export async function askPasskey(): Promise<Proof> {
  const { ticket, options } = await answer(api.POST('/v1/session/passkey-challenge'));
  const asked = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const got = await navigator.credentials.get({
    publicKey: { ...(asked as unknown as PublicKeyCredentialRequestOptions), challenge: bytes(asked.challenge), allowCredentials: [] },
  }) as PublicKeyCredential;
  const told = got.response as AuthenticatorAssertionResponse;
  const response = {
    clientDataJSON: text(told.clientDataJSON), authenticatorData: text(told.authenticatorData),
    signature: text(told.signature), userHandle: told.userHandle ? text(told.userHandle) : null,
  };
  return { ticket, credential: { id: got.id, rawId: text(got.rawId), type: got.type, response } };
}
