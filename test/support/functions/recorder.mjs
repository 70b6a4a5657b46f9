// The function of every test that needs one, however it is run: it shows each event to the test's control server, and does
// what that one answers. See ../functions.ts.
import { Agent, request } from 'node:http';
import { getPriority } from 'node:os';

// In dev mode the server has errors shown to whoever works on a function.
console.error = () => {};

const agent = new Agent({ keepAlive: true });

export const handler = async (event, context) => {
  const script = await ask({ event, arn: context.invokedFunctionArn });
  if (script.waits) await new Promise((resolve) => setTimeout(resolve, script.waits));
  if (script.hangs) await new Promise((resolve) => setTimeout(resolve, 600_000));
  for (const end = Date.now() + (script.spins ?? 0); Date.now() < end; );
  if (script.exits !== undefined) process.exit(script.exits);
  if (script.kills !== undefined) process.kill(process.pid, script.kills);
  if (script.throws !== undefined)
    throw Object.assign(new Error(script.throws), { name: script.errorType ?? 'Error' });
  if (script.returnsNothing) return undefined;
  if (script.returnsPriority) return getPriority();
  return 'returns' in script ? script.returns : { ...event, response: script.response ?? event.response };
};

function ask(body) {
  return new Promise((resolve, reject) => {
    const asking = request(process.env.TEST_FUNCTION_CONTROL, { method: 'POST', agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => {
        text += piece;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
      answer.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(JSON.stringify(body));
  });
}
