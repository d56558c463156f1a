/** The product's mark and name. */

import type { ReactElement } from 'react';

export function Brand(): ReactElement {
  return (
    <span className="brand">
      <img src="/static/icon.svg" alt="" width={28} height={28} />
      <span>Nexus</span>
    </span>
  );
}
