/** The roles there are, and which of them one may give. */

import { mayLead, type Role, useHere } from '../../app/session';

export const ROLES: readonly Role[] = ['owner', 'admin', 'marketer', 'analyst', 'viewer'];

/** An owner gives every role; an administrator every other. An operator who acts here gives none. */
export function useMayGive(): (role: Role) => boolean {
  const { role: own, session } = useHere();
  return (role) => !session.acting && (own === 'owner' || (mayLead(own) && role !== 'owner'));
}
