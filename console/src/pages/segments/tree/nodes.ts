/** Trees as the open API says them: every node is told by its key. */

export type Op = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type NumericTest = { op: Op; value: string } | { between: [string, string] };

export type ValueTest =
  | NumericTest
  | { above: 'mean' | 'median' } | { below: 'mean' | 'median' }
  | { top_percent: string } | { bottom_percent: string }
  | { one_of: string[] } | { not_one_of: string[] }
  | { contains_any: string[]; part?: boolean; by_category?: boolean }
  | { contains_all: string[]; part?: boolean; by_category?: boolean }
  | { contains_none: string[]; part?: boolean; by_category?: boolean }
  | { of: string; is: NumericTest } | { rising: string } | { falling: string }
  | { before: string } | { after: string } | { on: string }
  | { in_last_days: number } | { more_than_days_ago: number } | { anniversary_within_days: number } | { month: number }
  | { known: boolean };

export type Window = { last_days: number } | { days_ago: { from: number; to: number } } | { from: string; to: string } | { all_time: true };

/** One local day that is over: both ends are the same. */
export type Day = { days_ago: { from: number; to: number } } | { from: string; to: string };

export interface EventStep { event: string; where?: { property: string; is: ValueTest }[] }
export interface GeneNode { gene: string; in?: Window | null; is: ValueTest; as_of?: Day | null }
export interface AttributeNode { attribute: string; is: ValueTest }
export interface EventNode extends EventStep { in: Window; times?: NumericTest | null }
export interface SequenceNode { first: EventStep; then: EventStep; within_days: number; in: Window; absent?: boolean }
export interface SegmentNode { segment: string }
export interface ListNode { list: string }
export interface SnapshotNode { snapshot: string }
export interface GoalNode { goal: string; in: Window; times?: NumericTest | null }
export interface ValueChange { from?: string | null; to?: string | null; in_last_days: number }
/** A test of the value, or a change of it: one of them. */
export interface ExternalNode { external_gene: string; is?: ValueTest | null; changed?: ValueChange | null }

export type Condition = GeneNode | AttributeNode | EventNode | SequenceNode | SegmentNode | ListNode | SnapshotNode | GoalNode | ExternalNode;
export type Tree = Condition | { all: Tree[] } | { any: Tree[] } | { not: Tree } | { difference: Tree[] };

export const isGene = (node: Condition): node is GeneNode => 'gene' in node;
export const isAttribute = (node: Condition): node is AttributeNode => 'attribute' in node;
export const isEvent = (node: Condition): node is EventNode => 'event' in node;
export const isSequence = (node: Condition): node is SequenceNode => 'first' in node;
export const isSegment = (node: Condition): node is SegmentNode => 'segment' in node;
export const isList = (node: Condition): node is ListNode => 'list' in node;
export const isSnapshot = (node: Condition): node is SnapshotNode => 'snapshot' in node;
export const isGoal = (node: Condition): node is GoalNode => 'goal' in node;
export const isExternal = (node: Condition): node is ExternalNode => 'external_gene' in node;

/** What somebody put into an address; null when it is no tree. */
export function treeFrom(text: string): Tree | null {
  if (!text) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isTree(value) ? value : null;
  } catch {
    return null;
  }
}

const CONDITIONS = ['gene', 'attribute', 'event', 'first', 'segment', 'list', 'snapshot', 'external_gene', 'goal'];

function isTree(value: unknown): value is Tree {
  if (typeof value !== 'object' || value === null) return false;
  const node = value as Record<string, unknown>;
  if ('not' in node) return isTree(node['not']);
  const group = node['all'] ?? node['any'] ?? node['difference'];
  if (group !== undefined) return Array.isArray(group) && group.every(isTree);
  return CONDITIONS.some((key) => key in node);
}
