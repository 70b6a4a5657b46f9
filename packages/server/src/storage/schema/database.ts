import type { AccessKeysTable } from './access-keys.ts';
import type { AppClientsTable } from './app-clients.ts';
import type { AttemptsTable } from './attempts.ts';
import type { DeletedPoolsTable } from './deleted-pools.ts';
import type { MessagesTable } from './messages.ts';
import type { PasswordHistoriesTable } from './password-histories.ts';
import type { RecoveriesTable } from './recoveries.ts';
import type { SandboxNumbersTable } from './sandbox-numbers.ts';
import type { SearchableAttributesTable } from './searchable-attributes.ts';
import type { ServerStateTable } from './server-state.ts';
import type { SessionsTable } from './sessions.ts';
import type { SignInNamesTable } from './sign-in-names.ts';
import type { SigningKeysTable } from './signing-keys.ts';
import type { SpentChallengesTable } from './spent-challenges.ts';
import type { UserPoolsTable } from './user-pools.ts';
import type { UsersTable } from './users.ts';

/** Every table. Times are milliseconds since the epoch, UTC, unless a column says otherwise. */
export interface Database {
  access_keys: AccessKeysTable;
  app_clients: AppClientsTable;
  attempts: AttemptsTable;
  deleted_pools: DeletedPoolsTable;
  messages: MessagesTable;
  password_histories: PasswordHistoriesTable;
  recoveries: RecoveriesTable;
  sandbox_numbers: SandboxNumbersTable;
  searchable_attributes: SearchableAttributesTable;
  server_state: ServerStateTable;
  sessions: SessionsTable;
  sign_in_names: SignInNamesTable;
  signing_keys: SigningKeysTable;
  spent_challenges: SpentChallengesTable;
  user_pools: UserPoolsTable;
  users: UsersTable;
}
