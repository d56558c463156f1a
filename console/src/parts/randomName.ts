/** A name that nobody had before; also on pages without https, where browsers have no randomUUID. */

export function randomName(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
