/** Personal data on the screen: enough to tell two people apart, not enough to write to them. */

const PERSONAL = new Set(['email', 'phone', 'line_id']);
const PERSONAL_TRAITS = /name|email|phone|mobile|address|birth|line|姓名|電話|地址|生日/i;

export function masked(text: string): string {
  const [local = '', host] = text.split('@');
  if (host !== undefined) return `${local.slice(0, 1)}•••@${host}`;
  if (/^\+?[\d\s-]{6,}$/.test(text)) return `•••${text.slice(-3)}`;
  return `${[...text].slice(0, 1).join('')}•••`;
}

export function shownIdentifier(kind: string, value: string, revealed: boolean): string {
  return revealed || !PERSONAL.has(kind) ? value : masked(value);
}

export function shownTrait(name: string, value: unknown, revealed: boolean): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return revealed || !PERSONAL_TRAITS.test(name) ? text : masked(text);
}
