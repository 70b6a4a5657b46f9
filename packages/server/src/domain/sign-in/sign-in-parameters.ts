import { invalid } from '../../errors.ts';

/** As long as any of Cognito's own parameters gets: an SRP proof's secret block. */
const LONGEST = 4096;

/** A parameter that a flow cannot do without. Throws InvalidParameterException. */
export function required(parameters: Readonly<Record<string, string>>, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === '') throw invalid(`Missing required parameter ${name}`);
  if (value.length > LONGEST) throw invalid(`Parameter ${name} is too long.`);
  return value;
}
