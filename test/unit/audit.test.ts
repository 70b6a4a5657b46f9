import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAudit } from '../../packages/server/src/platform/audit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function heard() {
  const lines: Record<string, unknown>[] = [];
  const audit = createAudit({ info: (line: Record<string, unknown>) => lines.push(line) } as never);
  const call = (sourceIp: string) => ({ requestId: 'r', operation: 'ListUsers', sourceIp, outcome: 'x' });
  return { lines, audit, call };
}

describe('the audit log', () => {
  it('has thirty lines of refused calls from one address in a minute, and one that counts the others', () => {
    const { lines, audit, call } = heard();
    for (let time = 0; time < 1000; time += 1) audit.refused(call('10.0.0.1'));
    audit.refused(call('10.0.0.2'));
    expect(lines).toHaveLength(31);
    vi.advanceTimersByTime(60_000);
    expect(lines.slice(31)).toEqual([{ audit: true, sourceIp: '10.0.0.1', suppressed: 970 }]);
    audit.refused(call('10.0.0.1'));
    expect(lines).toHaveLength(33);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(33);
  });

  it('has a line for every call of who is known, whatever strangers do', () => {
    const { lines, audit, call } = heard();
    for (let time = 0; time < 100; time += 1) audit.refused(call('10.0.0.1'));
    for (let time = 0; time < 100; time += 1) audit.line(call('10.0.0.1'));
    expect(lines).toHaveLength(130);
  });

  it('takes a network of IPv6 addresses for one, and stays bounded however many there are', () => {
    const { lines, audit, call } = heard();
    for (let host = 0; host < 100; host += 1) audit.refused(call(`2001:db8::${host}`));
    expect(lines).toHaveLength(30);
    for (let network = 1; network < 9000; network += 1) audit.refused(call(`2001:db8:0:${network}::1`));
    expect(lines.length).toBeLessThan(200);
    audit.close();
    expect(lines.at(-1)).toMatchObject({ sourceIp: 'others', suppressed: 9000 - 100 - 30 });
  });

  it('says what is left when the server stops', () => {
    const { lines, audit, call } = heard();
    for (let time = 0; time < 40; time += 1) audit.refused(call('10.0.0.1'));
    audit.close();
    expect(lines.at(-1)).toMatchObject({ suppressed: 10 });
  });
});
