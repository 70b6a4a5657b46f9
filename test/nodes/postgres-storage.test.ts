import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { openPostgres } from '../../packages/server/src/storage/postgres.ts';
import type { Storage, Unit } from '../../packages/server/src/storage/unit.ts';
import { createDatabase, dropDatabase, query } from '../support/postgres-databases.ts';

let url: string;
let storage: Storage;

beforeAll(async () => {
  url = await createDatabase(inject('postgresUrl') as string);
  await query(url, 'create table counters (id integer primary key, value integer not null)');
  storage = await openPostgres({ urls: [url], connections: 8 });
});
beforeEach(() =>
  query(url, 'truncate counters').then(() => query(url, 'insert into counters values (1, 0), (2, 0)')),
);
afterAll(async () => {
  await storage.close();
  await dropDatabase(url);
});

const counter = async (id: number) =>
  (await query(url, `select value from counters where id = ${id}`))[0]?.['value'];
const read = async (unit: Unit, id: number) =>
  Number((await unit.row('select value from counters where id = $1', [id]))?.['value']);
const write = (unit: Unit, id: number, value: number) =>
  unit.run('update counters set value = $2 where id = $1', [id, value]);

describe('a unit of work', () => {
  it('commits what was sent without waiting, in the order of sending', async () => {
    await storage.write(async (unit) => {
      unit.send('update counters set value = value + 1 where id = $1', [1]);
      unit.send('update counters set value = value * 10 where id = $1', [1]);
    });
    expect(await counter(1)).toBe(10);
  });

  it('fails, whole, when what was sent without waiting fails', async () => {
    const work = storage.write(async (unit) => {
      await write(unit, 1, 5);
      unit.send('insert into counters values ($1, $2)', [2, 0]);
    });
    await expect(work).rejects.toThrow(/duplicate key/);
    expect(await counter(1)).toBe(0);
  });

  it('leaves nothing when it throws, and its effects do not happen', async () => {
    let effects = 0;
    const work = storage.write(async (unit) => {
      unit.onCommit(() => {
        effects += 1;
      });
      await write(unit, 1, 5);
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await counter(1)).toBe(0);
    expect(effects).toBe(0);
  });

  it('is over with its function: a query after that is refused', async () => {
    let escaped: Unit | undefined;
    await storage.write(async (unit) => {
      escaped = unit;
    });
    await expect(read(escaped as Unit, 1)).rejects.toThrow('ended');
  });

  it('that meets another in a deadlock is run again', async () => {
    let runs = 0;
    const both = (first: number, second: number) =>
      storage.write(async (unit) => {
        runs += 1;
        await write(unit, first, (await read(unit, first)) + 1);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await write(unit, second, (await read(unit, second)) + 1);
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    expect([await counter(1), await counter(2)]).toEqual([2, 2]);
  });

  it.each(['repeatable read', 'serializable'])(
    'at the level %s is run again until it fits',
    async (level) => {
      const strict = await openPostgres({
        urls: [
          `${url}?options=${encodeURIComponent(`-c default_transaction_isolation=${level.replace(' ', '\\ ')}`)}`,
        ],
        connections: 8,
      });
      try {
        const increment = () => strict.write(async (unit) => write(unit, 1, (await read(unit, 1)) + 1));
        await Promise.all(Array.from({ length: 40 }, increment));
        expect(await counter(1)).toBe(40);
      } finally {
        await strict.close();
      }
    },
  );
});

describe('a connection that is lost', () => {
  it('amid a unit has the unit run again on another', async () => {
    let runs = 0;
    await storage.write(async (unit) => {
      runs += 1;
      await write(unit, 1, 7);
      const own = await unit.row('select pg_backend_pid() as pid', []);
      if (runs === 1) await query(url, `select pg_terminate_backend(${own?.['pid']})`);
      await write(unit, 2, 8);
    });
    expect(runs).toBe(2);
    expect([await counter(1), await counter(2)]).toEqual([7, 8]);
  });

  it('while nobody uses it goes unnoticed', async () => {
    await Promise.all(Array.from({ length: 8 }, () => storage.read((unit) => read(unit, 1))));
    await query(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'poolkeeper'`,
    );
    expect(await storage.read((unit) => read(unit, 1))).toBe(0);
  });

  it('between a commit and its answer leaves the unit unacknowledged, and is not tried again', async () => {
    await using proxy = await openProxy(url);
    const remote = await openPostgres({ urls: [proxy.url], connections: 2 });
    let runs = 0;
    const work = remote.write(async (unit) => {
      runs += 1;
      await write(unit, 1, (await read(unit, 1)) + 1);
      proxy.swallowAnswers();
    });
    await expect(work).rejects.toThrow('A commit was not answered.');
    expect(runs).toBe(1);
    expect(await counter(1)).toBe(1);
    await remote.close();
  });
});

describe('a commit that gave up waiting for its standby', () => {
  it('is not acknowledged, though the database says that it is done', async () => {
    await query(url, `alter system set synchronous_standby_names = 'nobody'`);
    await query(url, 'select pg_reload_conf()');
    try {
      const patient = await openPostgres({
        urls: [`${url}?options=-c%20synchronous_commit%3Don`],
        connections: 2,
      });
      const work = patient.write((unit) => write(unit, 1, 1));
      const cancelled = expect(work).rejects.toThrow(/synchronous replication/);
      await vi.waitFor(async () => {
        const waiting = `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`;
        expect(await query(url, waiting)).toHaveLength(1);
      });
      await cancelled;
      await patient.close();
    } finally {
      await query(url, 'alter system reset synchronous_standby_names');
      await query(url, 'select pg_reload_conf()');
    }
  });
});

/** Stands between a node and its database. */
async function openProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    const far = connectTcp(Number(port), hostname);
    sockets.add(near).add(far);
    near.on('data', (data) => {
      far.write(data);
    });
    far.on('data', (data) => {
      if (swallowing) near.destroy();
      else near.write(data);
    });
    for (const socket of [near, far]) socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxied = new URL(target);
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    url: proxied.href,
    swallowAnswers: () => {
      swallowing = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
