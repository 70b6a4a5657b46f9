import type { AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts';
import { type AwsPlace, clientOptions, sharedParts } from './aws-client.ts';
import type { Role } from './sms-roles.ts';

export interface Sts extends Pick<STSClient, 'destroy'> {
  /** `life` in seconds. */
  assumeRole(role: Role, life: number, abortSignal: AbortSignal): Promise<AssumeRoleCommandOutput>;
  /** The ARN of who has the server's credentials. */
  whoAmI(abortSignal: AbortSignal): Promise<string>;
}

/** AWS STS, asked with the credentials of the server. */
export async function loadSts(place: AwsPlace): Promise<Sts> {
  const sdk = await import('@aws-sdk/client-sts');
  const own = new sdk.STSClient(clientOptions(place));
  const client = new sdk.STSClient({ ...clientOptions(place), ...sharedParts(own) });
  return {
    assumeRole: ({ arn, externalId }, life, abortSignal) =>
      client.send(
        new sdk.AssumeRoleCommand({
          RoleArn: arn,
          RoleSessionName: 'poolkeeper',
          DurationSeconds: life,
          ...(externalId !== undefined && { ExternalId: externalId }),
        }),
        { abortSignal },
      ),
    async whoAmI(abortSignal) {
      const { Arn } = await client.send(new sdk.GetCallerIdentityCommand({}), { abortSignal });
      return Arn?.slice(0, 200) ?? 'nobody known';
    },
    destroy: () => own.destroy(),
  };
}
