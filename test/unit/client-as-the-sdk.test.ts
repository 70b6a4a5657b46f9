import { operations } from '@poolkeeper/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ofOperation, operationNames } from '../support/model-arbitraries.ts';
import { type Seen, throughOwn, throughSdk } from '../support/two-clients.ts';

const numRuns = 15;
const ok = { status: 200, body: '{}' };

/** The SDK signs it, although by its own documentation "you can't use IAM credentials to authorize" it. */
const SIGNED_FOR_NOTHING = 'GetClientToken';

/** What of a request matters to the service. Signatures differ: the SDK signs headers of its own besides. */
const meaning = ({ method, path, headers, body }: Seen) => ({
  method,
  path,
  target: headers['x-amz-target'],
  type: headers['content-type'],
  scope: headers['authorization']?.replace(/Credential=([^,]*),.*/, '$1'),
  json: JSON.parse(body),
});

describe('every operation', () => {
  test('is there', () => expect(operationNames).toHaveLength(140));

  test.each(operationNames)('%s sends what the AWS SDK sends, whatever the input', async (name) => {
    await fc.assert(
      fc.asyncProperty(ofOperation(name, 'input'), async (input) => {
        const [own, sdk] = [await throughOwn(name, input, ok), await throughSdk(name, input, ok)];
        if (name === SIGNED_FOR_NOTHING) delete sdk.headers['authorization'];
        expect(meaning(own)).toEqual(meaning(sdk));
        expect(meaning(own).target).toBe(`AWSCognitoIdentityProviderService.${name}`);
        expect(own.headers['authorization'] !== undefined).toBe(operations[name].auth === 'sigv4');
      }),
      { numRuns },
    );
  });

  test.each(operationNames)('%s answers what the AWS SDK answers, whatever the output', async (name) => {
    await fc.assert(
      fc.asyncProperty(ofOperation(name, 'output'), async (output) => {
        const given = { status: 200, body: JSON.stringify(output) };
        const [own, sdk] = [await throughOwn(name, {}, given), await throughSdk(name, {}, given)];
        expect(own.outcome).toEqual(sdk.outcome);
      }),
      { numRuns },
    );
  });
});

describe('an error', () => {
  const name = fc.stringMatching(/^[A-Z][A-Za-z]{0,20}Exception$/);
  const prefix = fc.constantFrom('', 'com.amazonaws.cognito#');
  const suffix = fc.constantFrom('', ':http://internal.amazon.com/coral/com.amazon.coral.service/');
  const message = fc.string({ unit: 'grapheme', minLength: 1 });

  test('has the name, the text and the status that the AWS SDK gives it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('ForgotPassword', 'AdminGetUser', 'InitiateAuth'),
        fc.oneof(name, fc.constantFrom(...operations.ForgotPassword.errors)),
        fc.tuple(prefix, suffix),
        fc.constantFrom('body', 'header'),
        fc.constantFrom(400, 403, 500),
        message,
        async (operation, error, [before, after], place, status, text) => {
          const type = `${before}${error}${after}`;
          const given =
            place === 'body'
              ? { status, body: JSON.stringify({ __type: type, message: text }) }
              : { status, headers: { 'x-amzn-errortype': type }, body: JSON.stringify({ message: text }) };
          const [own, sdk] = [
            await throughOwn(operation as 'ForgotPassword', {}, given),
            await throughSdk(operation as 'ForgotPassword', {}, given),
          ];
          expect(own.outcome).toEqual(sdk.outcome);
          expect(own.outcome).toEqual({ error: { name: error, message: text, status } });
        },
      ),
    );
  });
});
