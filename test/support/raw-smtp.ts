import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What to do at a line: reply, say nothing, or end the connection, politely or not; `cut 550 no`: amid a reply. */
type Step = string | 'hang' | 'close' | 'reset';

const POLITE: Readonly<Record<string, string>> = {
  GREETING: '220 ready',
  EHLO: '250 here',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  '.': '250 taken',
  QUIT: '221 bye',
};

/**
 * A server that speaks as much SMTP as it is told to: `{ RCPT: 'hang' }` and polite otherwise. `GREETING` is what it begins
 * with, `.` follows the message. Several steps are for several times.
 */
export async function openRawSmtp(script: Readonly<Record<string, Step | readonly Step[]>> = {}) {
  const heard: string[] = [];
  const times = new Map<string, number>();
  const sockets = new Set<Socket>();
  let connections = 0;

  function act(socket: Socket, at: string): void {
    const time = times.get(at) ?? 0;
    times.set(at, time + 1);
    const steps = [script[at] ?? POLITE[at] ?? '502 what?'].flat();
    const step = steps[Math.min(time, steps.length - 1)] as Step;
    if (step === 'reset') socket.resetAndDestroy();
    else if (step === 'close') socket.end();
    else if (step.startsWith('cut ')) socket.end(step.slice('cut '.length));
    else if (step !== 'hang') socket.write(`${step}\r\n`);
  }

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let inMessage = false;
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString();
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (inMessage && line !== '.') continue;
        const verb = inMessage ? '.' : (line.split(' ')[0] as string).toUpperCase();
        heard.push(verb);
        inMessage = verb === 'DATA' && (script['DATA'] ?? '354').includes('354');
        act(socket, verb);
      }
    });
    act(socket, 'GREETING');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    /** The verbs that came. */
    heard,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
