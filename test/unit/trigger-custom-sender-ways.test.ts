import { buildClient, CommitmentPolicy, KMS, KmsKeyringNode } from '@aws-crypto/client-node';
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { expect, test, vi } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { openFunctionHouse } from '../support/functions.ts';

const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/7d1a3f9e-0000-4000-8000-123456789012';
const SOURCE = 'CustomSMSSender_AdminCreateUser';

test.each(['lambda', 'https'] as const)(
  'a custom sender by %s decrypts with the KMS at the server',
  async (way) => {
    await using house = await openFunctionHouse({ way });
    const { functions } = house;
    const poolId = await house.createPool({
      LambdaConfig: {
        CustomSMSSender: { LambdaArn: functions.arn('sms'), LambdaVersion: 'V1_0' },
        KMSKeyID: KEY_ARN,
      },
    });
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: poolId,
        Username: 'ann',
        UserAttributes: attributeList({ phone_number: '+15555550100' }),
        TemporaryPassword: 'Passw0rd!first',
      }),
    );
    const event = await vi.waitFor(() => functions.last(SOURCE), 10_000);
    expect(event.response).toBeUndefined();

    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const kms = new KMS({ endpoint: house.url, region: 'us-east-1', credentials });
    // The library's own types of a client leave out that members may be undefined.
    const clientProvider = () => kms as never;
    const keyring = new KmsKeyringNode({ clientProvider, keyIds: [KEY_ARN] });
    const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
    const { plaintext } = await decrypt(keyring, Buffer.from(event.request.code, 'base64'));
    expect(plaintext.toString()).toBe('Passw0rd!first');
    kms.destroy();
  },
);
