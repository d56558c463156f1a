/** Averages of retention over cohorts: of periods that are over, each cohort as heavy as its people. */

interface Cell { active: { profiles: number }; period: { complete: boolean } }
interface Cohort { people: { profiles: number }; cells: readonly Cell[] }

/** By periods after the first, null where no cohort has such a period that is over. */
export function averagesOf(cohorts: readonly Cohort[]): (number | null)[] {
  const length = Math.max(0, ...cohorts.map(({ cells }) => cells.length));
  return Array.from({ length }, (_, index) => {
    const over = cohorts.filter(({ cells }) => cells[index]?.period.complete);
    const people = over.reduce((sum, cohort) => sum + cohort.people.profiles, 0);
    const active = over.reduce((sum, cohort) => sum + (cohort.cells[index]?.active.profiles ?? 0), 0);
    return people === 0 ? null : active / people;
  });
}
