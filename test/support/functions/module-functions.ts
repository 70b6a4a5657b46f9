import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FunctionThrew, NotInvoked } from '../../../packages/server/src/domain/triggers/functions.ts';
import { createModuleInvoker } from '../../../packages/server/src/domain/triggers/invokers/module.ts';

export const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:my-function';
/** Long enough for a process to start beside all others of the tests. */
export const PATIENT = 20_000;

/** Functions in files of a folder of their own, and what runs them. */
export function openModules(mode: 'dev' | 'production' = 'production') {
  const folder = mkdtempSync(join(tmpdir(), 'poolkeeper-functions-'));
  const modules = createModuleInvoker({ mode, env: () => process.env });
  let files = 0;
  /** A function in a file of its own. */
  function functionOf(source: string, { name = `f${++files}.mjs`, exportName = 'handler' } = {}) {
    const path = join(folder, name);
    writeFileSync(path, source);
    return { kind: 'file', path, exportName } as const;
  }
  const call = (target: ReturnType<typeof functionOf>, event: object = {}, patience = PATIENT) =>
    outcome(modules.invoke(target, ARN, JSON.stringify(event), patience));
  return {
    functionOf,
    call,
    run: (source: string, event: object = {}, patience = PATIENT) =>
      call(functionOf(source), event, patience),
    close: () => modules.close(),
    async [Symbol.asyncDispose]() {
      await modules.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a call came to: the answer, or the error as it is told. */
async function outcome(call: Promise<string>): Promise<unknown> {
  try {
    return JSON.parse(await call);
  } catch (error) {
    if (error instanceof FunctionThrew) return { threw: error.message, type: error.errorType };
    if (error instanceof NotInvoked) return { notInvoked: error.kind, passing: error.passing };
    throw error;
  }
}
