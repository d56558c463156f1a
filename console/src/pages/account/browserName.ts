/** "Chrome · Windows" of a browser's own description; empty when it says nothing known. */

// Each also calls itself by the names after it.
const BROWSERS = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']] as const;
const SYSTEMS = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']] as const;
const MOST_LETTERS = 60;

export function browserName(text: string): string {
  const named = (names: readonly (readonly [string, string])[]) => names.find(([mark]) => text.includes(mark))?.[1];
  return [named(BROWSERS), named(SYSTEMS)].filter(Boolean).join(' · ') || text.slice(0, MOST_LETTERS);
}
