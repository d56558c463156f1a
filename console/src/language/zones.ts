/** Local days of a time zone as moments, for what the API asks by its offset. */

const DAY_MILLISECONDS = 86_400_000;

/** How far the zone's clocks are ahead of UTC then. */
function ahead(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - Math.floor(at / 1000) * 1000;
}

/** When a day ("2026-11-22") begins in a zone, as an ISO moment; "" for what is no day. */
export function beginOf(day: string, zone: string): string {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight)) return '';
  const first = midnight - ahead(zone, midnight);
  // Where the clocks change between the two.
  return new Date(midnight - ahead(zone, first)).toISOString();
}

/** When a day is over in a zone. */
export function endOf(day: string, zone: string): string {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(midnight) ? '' : beginOf(new Date(midnight + DAY_MILLISECONDS).toISOString().slice(0, 10), zone);
}

/** The day of a moment in a zone, as an ISO date. */
export function dayOf(iso: string, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone }).format(new Date(iso));
}
