import { defineConfig } from 'vitest/config';

// No 'import' among them: the workers' own Node gets them too, and would answer a `require` with a module.
const conditions = ['poolkeeper-source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Each worker waits for its server half of the time: all cores, and not one fewer.
    maxWorkers: '100%',
    // Files share a worker, and what they import is loaded once; each has a house of its own.
    isolate: false,
    projects: [
      {
        extends: true,
        test: { name: 'sqlite', include: ['test/{unit,contract,e2e}/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: ['test/{contract,nodes}/**/*.test.ts'],
          // They are about a folder, and about options whatever the database.
          exclude: ['test/contract/{data-folder,start-options}.test.ts'],
          globalSetup: 'test/support/postgres-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'client',
          // What is about operations, once more through @poolkeeper/client. Not what looks at the SDK's own headers.
          include: [
            'test/contract/{account,admin-*,app-clients,attribute-*,client-*,list-users,new-password-required}.test.ts',
            'test/contract/{mfa-c*,mfa-{order,preferences,se*,software-token},password-{operations,rules}}.test.ts',
            'test/contract/{recovery*,rules-*,secret-hash,sign-in,sign-in-names,sign-up,software-token}.test.ts',
            'test/contract/{token*,user-auth*,user-pool*,verification-codes}.test.ts',
          ],
          env: { POOLKEEPER_TEST_CLIENT: 'own' },
        },
      },
      {
        extends: true,
        test: {
          name: 'timing',
          include: ['test/timing/**/*.test.ts'],
          // After all others, and alone: what is measured here is small.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
