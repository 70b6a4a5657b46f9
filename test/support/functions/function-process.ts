import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const programs = {
  lambda: new URL('./lambda-process.ts', import.meta.url),
  https: new URL('./https-process.ts', import.meta.url),
};
const started = new Map<string, Promise<{ url: string }>>();

/** The URL of a process that runs the recorder behind Lambda's Invoke API, or behind a signed webhook; one for all tests of a file. */
export function functionProcess(way: 'lambda' | 'https'): Promise<{ url: string }> {
  let process = started.get(way);
  if (process === undefined) {
    process = start(way);
    started.set(way, process);
  }
  return process;
}

async function start(way: 'lambda' | 'https'): Promise<{ url: string }> {
  const path = fileURLToPath(programs[way]);
  const child: ChildProcess = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  // It ends with this process, whose end closes its standard input.
  child.unref();
  process.once('exit', () => child.kill());
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { url: line.toString().trim() };
}
