/** Sources side by side: visits, members, buyers, revenue, and what they cost. */

import { Button, Group, Text } from '@mantine/core';
import type { InfiniteData } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { Schemas } from '../../api/client';
import type { Loaded } from '../../api/loaded';
import { useFormat } from '../../app/session';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { PeopleLink } from './PeopleLink';
import { useSourceName, useSourcesWords } from './sourcesWords';
import { useReportWords } from './words';

type Sources = Schemas['TrafficSources'];
type Source = Sources['sources'][number];

interface Props {
  of: Loaded<InfiniteData<Sources>>;
  hint: string;
  more: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

export function SourcesTable({ of, hint, more }: Props): ReactElement {
  const say = useSourcesWords();
  const report = useReportWords();
  const shared = useShared();
  const format = useFormat();
  return (
    <Ready of={of} height={360}>
      {({ pages }, renewing) => {
        const first = pages[0];
        const rows = pages.flatMap((page) => page.sources);
        if (!first || rows.length === 0) return <div className="card"><Empty icon="link" title={report('noneTitle')} text={report('noneText')} /></div>;
        return (
          <div className={renewing ? 'old' : undefined}>
            <Text size="sm" c="dimmed" mb="xs">{say('sources', { n: format.number(first.source_count) })} · {say('range', { from: format.day(first.first_on), to: format.day(first.last_on) })} · {hint}</Text>
            <div className="card flush"><Table rows={rows} total={first.total} currency={first.currency} /></div>
            {more.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={more.isFetchingNextPage} onClick={() => void more.fetchNextPage()}>{shared('more')}</Button></Group>}
          </div>
        );
      }}
    </Ready>
  );
}

function Table({ rows, total, currency }: { rows: readonly Source[]; total: Source; currency: string }): ReactElement {
  const say = useSourcesWords();
  const name = useSourceName();
  const costs = total.cost !== null || rows.some((row) => row.cost !== null);
  const most = Math.max(1, ...rows.map((row) => row.visits));
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
      <table className="rows sources">
        <thead>
          <tr>
            <th>{say('source')}</th><th>{say('visits')}</th><th className="number">{say('visitors')}</th><th className="number">{say('newMembers')}</th><th className="number">{say('buyers')}</th>
            <th className="number">{say('orders')}</th><th className="number">{say('revenue')}</th><th className="number">{say('average')}</th>
            {costs && <><th className="number">{say('cost')}</th><th className="number">{say('perOne')}</th><th className="number">{say('roas')}</th></>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => <Row key={row.source} row={row} name={name(row.source)} most={most} currency={currency} costs={costs} />)}
        </tbody>
        <tfoot><Row row={total} name={say('total')} most={null} currency={currency} costs={costs} /></tfoot>
      </table>
    </div>
  );
}

function Row({ row, name, most, currency, costs }: { row: Source; name: string; most: number | null; currency: string; costs: boolean }): ReactElement {
  const say = useSourcesWords();
  const format = useFormat();
  const money = (amount: string | null | undefined) => (amount ? format.money(amount, currency) : '–');
  const share = (value: number | null) => (value === null ? null : <Text size="xs" c="dimmed" component="div">{say('perVisitor', { share: format.share(value) })}</Text>);
  return (
    <tr>
      <th scope="row" className="source-name">{name}</th>
      <td>{most === null ? format.number(row.visits) : <div className="bar-cell"><span>{row.visits > 0 && <i style={{ width: `${(100 * row.visits) / most}%` }} />}</span>{format.number(row.visits)}</div>}</td>
      <td className="number"><PeopleLink of={row.visitors} label={`${name} · ${say('visitors')}`} /></td>
      <td className="number"><PeopleLink of={row.new_members} label={`${name} · ${say('newMembers')}`} />{share(row.new_members_per_visitor)}</td>
      <td className="number"><PeopleLink of={row.buyers} label={`${name} · ${say('buyers')}`} />{share(row.buyers_per_visitor)}</td>
      <td className="number">{format.number(row.orders)}</td>
      <td className="number">{format.money(row.revenue, currency)}</td>
      <td className="number">{money(row.average_order_value)}</td>
      {costs && <Costs cost={row.cost} money={money} />}
    </tr>
  );
}

function Costs({ cost, money }: { cost: Source['cost']; money: (amount: string | null | undefined) => string }): ReactElement {
  const say = useSourcesWords();
  const format = useFormat();
  if (cost === null) return <td colSpan={3} className="number"><Text size="sm" c="dimmed" span>{say('noCost')}</Text></td>;
  const missing = Object.entries(cost.unconverted).map(([currency, amount]) => format.money(amount, currency)).join('、');
  return (
    <>
      <td className="number">
        {money(cost.amount)}
        <Text size="xs" c="dimmed" component="div">{say('costDays', { n: format.number(cost.days) })}</Text>
        {missing && <Text size="xs" c="var(--warm)" component="div">{say('unconverted', { amount: missing })}</Text>}
      </td>
      <td className="number">
        {say('perBuyer', { amount: money(cost.per_buyer) })}
        <Text size="xs" c="dimmed" component="div">{say('perMember', { amount: money(cost.per_new_member) })}</Text>
      </td>
      <td className="number" style={{ fontWeight: 600 }}>{cost.return_on_spend === null ? '–' : format.number(cost.return_on_spend)}</td>
    </>
  );
}
