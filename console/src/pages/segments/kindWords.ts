/** What conditions on goals, brought values and snapshots say. */

import { words } from '../../language/words';

export const useKindWords = words(
  'condition-kinds',
  {
    goals: '目標', goal: '目標', externalGenes: '外部基因', snapshot: '快照', snapshotKind: '某個客群當時的名單（快照）', ofSegment: '客群', which: '哪一次快照', noSnapshots: '這個客群還沒有快照', take: '現在拍一張', taken: '已保留目前的 {count} 人', snapshotNamed: '{at}・{n} 人',
    how: '看什麼', hasValue: '目前的值', changed: '值的變化', from: '從', to: '變成', anything: '任何值', inLast: '最近', changedText: '在最近 {days} 天從 {from} 變成 {to}',
    asOf: '哪一天的值', asOf_now: '現在', asOf_daysAgo: '截至幾天前', asOf_date: '截至某一天', asOfPast: '改看過去某一天', asOfText: '截至 {day}',
    snapshots: '快照', snapshotsLead: '保留當下的名單，之後可以當條件：例如檔期前就在名單裡的人。', snapshotNote: '備註', noneYet: '還沒有快照。', deleted: '已刪除快照', useIt: '開成客群', takenBy: '{who}・{at}・版本 {version}',
  },
  {
    goals: 'Goals', goal: 'Goal', externalGenes: 'External genes', snapshot: 'Snapshot', snapshotKind: 'Who was in a segment then (snapshot)', ofSegment: 'Segment', which: 'Which snapshot', noSnapshots: 'This segment has no snapshots yet', take: 'Take one now', taken: 'The {count} people of now are kept', snapshotNamed: '{at} · {n} people',
    how: 'What counts', hasValue: 'its value now', changed: 'a change', from: 'from', to: 'to', anything: 'anything', inLast: 'in the last', changedText: 'changed from {from} to {to} in the last {days} days',
    asOf: 'Of which day', asOf_now: 'now', asOf_daysAgo: 'as of days ago', asOf_date: 'as of a day', asOfPast: 'As of a past day', asOfText: 'as of {day}',
    snapshots: 'Snapshots', snapshotsLead: 'Keep who is in it now and name it in a condition later, such as: who was here before the season.', snapshotNote: 'Note', noneYet: 'No snapshots yet.', deleted: 'The snapshot is deleted', useIt: 'Open as a segment', takenBy: '{who} · {at} · version {version}',
  },
);
