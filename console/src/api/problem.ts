/** A failure that the gateway told as problem+json, or that nobody answered. */

/** What is wrong with one place of a request; trees say the node by its path. */
export interface Fault {
  pointer: string;
  detail: string;
  code?: string;
  fix?: string;
  path?: number[];
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly faults: readonly Fault[] = [],
    readonly requestId = '',
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** Nobody answered at all. */
export const UNREACHABLE = 'UNREACHABLE';

/** Any failure of a question as a problem; bugs are handed on. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return new Problem(0, UNREACHABLE, error.message);
  throw error;
}
