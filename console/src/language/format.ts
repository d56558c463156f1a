/** How numbers, money and times read: in the chosen language and in the shop's own time zone. */

import type { Language } from './words';

export interface Format {
  number: (value: number | string) => string;
  compact: (value: number | string) => string;
  /** Amounts are exact decimal text; only what is shown is rounded. */
  money: (amount: number | string, currency?: string) => string;
  moneyCompact: (amount: number | string) => string;
  /** 0.123 is 12.3%. */
  share: (value: number) => string;
  change: (value: number) => string;
  day: (iso: string) => string;
  /** With its year. */
  longDay: (iso: string) => string;
  weekday: (iso: string) => string;
  time: (iso: string | null | undefined) => string;
  clock: (iso: string | null | undefined) => string;
  /** Hour and minute. */
  minutes: (iso: string | null | undefined) => string;
  ago: (iso: string | null | undefined, now: number) => string;
  /** So long, in whole days, hours or minutes. */
  span: (seconds: number) => string;
}

const NOTHING = '–';

export function formatOf(language: Language, timeZone: string, currency: string): Format {
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const change = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' });
  const moneyOf = (unit: string, short: boolean) =>
    new Intl.NumberFormat(language, {
      style: 'currency',
      currency: unit || 'TWD',
      currencyDisplay: 'narrowSymbol',
      ...(short ? { notation: 'compact', maximumFractionDigits: 1 } : {}),
    });
  const dayOf = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  const longDayOf = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' });
  const weekdayOf = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
  const timeOf = new Intl.DateTimeFormat(language, {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone,
  });
  const clockOf = new Intl.DateTimeFormat(language, {
    hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone,
  });
  const minutesOf = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  const agoOf = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  return {
    number: (value) => plain.format(Number(value)),
    compact: (value) => compact.format(Number(value)),
    money: (amount, unit) => moneyOf(unit ?? currency, false).format(Number(amount)),
    moneyCompact: (amount) => moneyOf(currency, true).format(Number(amount)),
    share: (value) => share.format(value),
    change: (value) => change.format(value),
    day: (iso) => dayOf.format(Date.parse(`${iso}T00:00:00Z`)),
    longDay: (iso) => longDayOf.format(Date.parse(`${iso}T00:00:00Z`)),
    weekday: (iso) => weekdayOf.format(Date.parse(`${iso}T00:00:00Z`)),
    time: (iso) => (iso ? timeOf.format(new Date(iso)) : NOTHING),
    clock: (iso) => (iso ? clockOf.format(new Date(iso)) : NOTHING),
    minutes: (iso) => (iso ? minutesOf.format(new Date(iso)) : NOTHING),
    ago: (iso, now) => (iso ? relative(agoOf, (Date.parse(iso) - now) / 1000) : NOTHING),
    span: (seconds) => {
      const [unit, count] = whole(seconds);
      return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
    },
  };
}

type Unit = 'day' | 'hour' | 'minute' | 'second';

/** In the largest unit of which there is one. */
function whole(seconds: number): [Unit, number] {
  const steps: [Unit, number][] = [['day', 86_400], ['hour', 3600], ['minute', 60]];
  const [unit, length] = steps.find(([, long]) => Math.abs(seconds) >= long) ?? ['second', 1];
  return [unit, Math.trunc(seconds / length)];
}

function relative(format: Intl.RelativeTimeFormat, seconds: number): string {
  const [unit, count] = whole(seconds);
  return format.format(count, unit);
}

/** Today, as an ISO date of the shop's zone. */
export function todayIn(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(now);
}

/** An ISO date so many days later (earlier: negative). */
export function dayAfter(iso: string, days: number): string {
  return new Date(Date.parse(`${iso}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
