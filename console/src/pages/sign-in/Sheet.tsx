/** One card in the middle: what it asks for, what went wrong, and what went well. */

import { Text, Title } from '@mantine/core';
import { type FormEvent, type ReactElement, type ReactNode, useEffect } from 'react';
import './sign-in.css';

interface Props {
  id: string;
  title: string;
  hint?: string;
  problem?: string;
  done?: string;
  onSubmit: (fields: (name: string) => string) => void;
  children: ReactNode;
}

export function Sheet({ id, title, hint, problem, done, onSubmit, children }: Props): ReactElement {
  useEffect(() => {
    document.title = `${title} · Nexus`;
  }, [title]);
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    onSubmit((name) => String(fields.get(name) ?? ''));
  }
  return (
    <form id={id} className="card sheet" onSubmit={submit} method="post">
      <div>
        <Title order={1} size="h1">{title}</Title>
        {hint && <Text size="sm" c="dimmed" mt={4}>{hint}</Text>}
      </div>
      {done && <p className="notice" role="status">{done}</p>}
      {problem && <p className="notice bad" role="alert">{problem}</p>}
      {children}
    </form>
  );
}
