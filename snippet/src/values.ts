/** Values of a page, made into what JSON and the gateway take: whatever they are, the event is kept. */

const enum Limit {
  Depth = 20,
  Parts = 3000,
  Bytes = 30_000,
}

export type Told = Record<string, unknown>;

export const isRecord = (value: unknown): value is Told => typeof value === 'object' && !!value && !Array.isArray(value);

/** Text without what no database keeps: half characters and NUL. */
export function text(value: unknown, most = 2000): string {
  const said = `${value}`.slice(0, most).replace(/\0/g, '');
  return (said as { toWellFormed?: () => string }).toWellFormed?.() ?? said;
}

export const sizeOf = (said: string): number => new Blob([said]).size;

/** A copy that later changes of the page do not reach; what cannot be read and what has no end is left out. */
export function plain<Value>(value: Value): Value {
  let parts = 0;
  const copy = (read: () => unknown, depth: number): unknown => {
    try {
      const one = read();
      if (/string|bigint/.test(typeof one)) return text(one, Limit.Bytes);
      if (!one || typeof one !== 'object') return one;
      if (one instanceof Date) return one.toJSON();
      if (depth > Limit.Depth || parts++ > Limit.Parts || one instanceof Node) return undefined;
      const made = (Array.isArray(one) ? [] : {}) as Told;
      for (const name of Object.keys(one)) made[text(name)] = copy(() => (one as Told)[name], depth + 1);
      return made;
    } catch {
      return undefined;
    }
  };
  return copy(() => value, 0) as Value;
}

/** JSON of an event; one that is too large arrives without its details. */
export function written(event: Told): string {
  const whole = JSON.stringify(event);
  const told = { ...event, context: undefined, traits: undefined, properties: { too_large: whole.length } };
  return sizeOf(whole) < Limit.Bytes ? whole : JSON.stringify(told);
}

/** 128 random bits; `crypto.randomUUID` is not there on pages without https. */
export const random = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte + 256).toString(16).slice(1)).join('');
