/** Where somebody may be led after signing in: only our own pages, and no other site's address in disguise. */

export function ownPath(wanted: string, origin = location.origin): string {
  if (!wanted.startsWith('/')) return '/';
  const url = new URL(wanted, origin);
  return url.origin === origin ? url.pathname + url.search + url.hash : '/';
}
