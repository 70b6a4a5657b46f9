import { revokeSessionsOfUser } from '../../storage/repositories/sessions.ts';
import { updateUserSignedOut } from '../../storage/repositories/users.ts';
import type { Unit } from '../../storage/unit.ts';

/** Revokes every refresh and access token of a user; ID tokens live until they expire. */
export async function signOutEverywhere(
  unit: Unit,
  user: { poolId: string; sub: string },
  now: number,
): Promise<void> {
  // The user first: whoever signs in meanwhile holds the user, and opens a session that is then found below.
  await updateUserSignedOut.run(unit, { poolId: user.poolId, sub: user.sub, now });
  await revokeSessionsOfUser.run(unit, { poolId: user.poolId, sub: user.sub });
}
