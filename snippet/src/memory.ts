/** Our own entries of localStorage; where a browser has none, they last as long as the page. */

let store: Record<string, string> = {};
try {
  store = localStorage;
} catch {
  // It is closed to this page.
}

export const remembered = (name: string): string | undefined => store[name];

export function remember(name: string, value: string): void {
  try {
    store[name] = value;
  } catch {
    // It is full.
  }
}

export function forgetEntry(name: string): void {
  delete store[name];
}

/** Names of ours that begin so. */
export const namesWith = (beginning: string): string[] => Object.keys(store).filter((name) => name.startsWith(beginning));
