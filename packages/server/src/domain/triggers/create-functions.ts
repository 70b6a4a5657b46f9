import { functionAddresses } from '../../config/function-networks.ts';
import type { FunctionMapping, FunctionTarget } from '../../config/functions.ts';
import { adjustableClock } from '../../platform/clock.ts';
import type { TriggerCall } from '../../platform/metrics.ts';
import { durationsOf } from './durations.ts';
import { type Functions, type Invocation, NotInvoked } from './functions.ts';
import { createHttpsInvoker } from './invokers/https.ts';
import { createLambdaInvoker } from './invokers/lambda.ts';
import { createModuleInvoker } from './invokers/module.ts';
import type { Trigger } from './trigger.ts';

const REMEMBERED = 1000;
/** Calls of one function at a time: more would pile up behind one that hangs. As a Lambda function's own limit. */
const MOST_CALLS = 1000;

export interface FunctionsOptions {
  readonly functions: readonly FunctionMapping[];
  readonly mode: 'dev' | 'production';
  readonly region: string;
  readonly webhookSecrets: readonly string[];
  /** Private networks that https functions may be in. */
  readonly functionNetworks: readonly string[];
  /** What functions in files find in `process.env`, besides what the server finds there. */
  environment(): Readonly<Record<string, string>>;
  onCall(call: TriggerCall): void;
}

export function createFunctions(options: FunctionsOptions): Functions {
  const { functions, mode, region, environment, onCall } = options;
  const targets = new Map(functions.map(({ arn, target }) => [arn, target]));
  const targetOf = (arn: string): FunctionTarget | undefined => targets.get(arn) ?? targets.get('*');
  const recent: Invocation[] = [];
  const durations = durationsOf();
  const modules = createModuleInvoker({ mode, env: () => moduleEnvironment(region, environment()) });

  const lambda = createLambdaInvoker({ region });
  const https = createHttpsInvoker({
    secrets: options.webhookSecrets,
    clock: adjustableClock(),
    mayBeAt: mode === 'dev' ? undefined : functionAddresses(options.functionNetworks),
  });
  const underWay = new Map<string, number>();

  function start(target: FunctionTarget, arn: string, event: string, patience: number): Promise<string> {
    switch (target.kind) {
      case 'file':
        return modules.invoke(target, arn, event, patience);
      case 'https':
        return https.invoke(target, arn, event, patience);
      case 'lambda':
        return lambda.invoke(target, arn, event, patience);
    }
  }

  async function counted<T>(arn: string, call: () => Promise<T>): Promise<T> {
    const calls = underWay.get(arn) ?? 0;
    if (calls >= MOST_CALLS) throw new NotInvoked('TooManyRequestsException', { passing: false });
    underWay.set(arn, calls + 1);
    try {
      return await call();
    } finally {
      const left = (underWay.get(arn) ?? 1) - 1;
      if (left > 0) underWay.set(arn, left);
      else underWay.delete(arn);
    }
  }

  return {
    targetOf: (arn) => targetOf(arn)?.kind,
    async invoke(arn, event, patience) {
      const target = targetOf(arn);
      if (target === undefined) throw new NotInvoked('ResourceNotFoundException', { passing: false });
      return counted(arn, () => start(target, arn, event, patience));
    },
    note(invocation) {
      recent.push(invocation);
      if (recent.length > REMEMBERED) recent.shift();
      const { functionArn, trigger, duration, outcome } = invocation;
      if (outcome === 'ok') durations.add(keyOf(functionArn, trigger), duration);
      onCall(invocation);
    },
    recent: () => recent.toReversed(),
    usualDuration: (arn, trigger) => durations.usual(keyOf(arn, trigger)),
    async close() {
      await Promise.all([modules.close(), https.close(), lambda.close()]);
    },
  };
}

/** One function may serve all triggers, and take longer for some. */
const keyOf = (arn: string, trigger: Trigger) => `${trigger}/${arn}`;

/** Its options, and what else its database's password may be given by. */
const OF_THE_SERVER = /^(?:POOLKEEPER_.*|PGPASSWORD|PGPASSFILE)$/i;

/** The server's own options hold its secrets, and are no business of a function's. */
function moduleEnvironment(region: string, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !OF_THE_SERVER.test(name));
  return { AWS_REGION: region, ...Object.fromEntries(own), ...more };
}
