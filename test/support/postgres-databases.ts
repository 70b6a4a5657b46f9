import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** Makes an empty database beside the one at `url`, and resolves to its URL. */
export async function createDatabase(
  url: string,
  name = `test_${randomBytes(8).toString('hex')}`,
): Promise<string> {
  // Copying files is quicker than logging what is copied, as long as there is next to nothing to flush.
  await query(url, `create database "${name}" strategy file_copy`);
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** Drops the database at `url`, whoever is connected to it. */
export async function dropDatabase(url: string): Promise<void> {
  const maintenance = Object.assign(new URL(url), { pathname: '/postgres' }).href;
  await query(maintenance, `drop database if exists "${new URL(url).pathname.slice(1)}" with (force)`);
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  // Who loses the connection is told by the query.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
