import {
  AdminGetUserCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { expect } from 'vitest';
import { type House, NEW_PASSWORD, PASSWORD } from './house.ts';
import { authenticator, PREFERRED, registerAuthenticator, setPoolFactors, setPreference } from './mfa.ts';
import { recoveryCalls } from './recovery-calls.ts';
import { refresh, secretHash, signIn } from './sign-in.ts';
import { srpClient } from './srp-client.ts';

/**
 * Everything of a house that has to come along when its database goes somewhere else. The house must issue tokens as
 * `aws`: its own URL is another after each start.
 */
export async function moveIn(house: House) {
  const poolId = await house.createPool();
  const client = await house.createClient(poolId);
  const secretive = await house.createClient(poolId, { GenerateSecret: true });
  for (const name of ['ann', 'bob', 'eve', 'żółć-ὀδός-🔑']) await house.createUser(poolId, name);
  const tokens = await signIn(house, client.ClientId, 'ann');
  const message = house.code('bob@example.com');
  await house.sdk.send(new ForgotPasswordCommand({ ClientId: client.ClientId, Username: 'bob' }));
  return {
    poolId,
    client,
    secretive,
    tokens,
    codeOfBob: await message,
    secretOfEve: await setUpMfa(house, poolId, client.ClientId),
    ...(await marksOf(house, poolId)),
  };
}

export type Inhabitants = Awaited<ReturnType<typeof moveIn>>;

/** Proves that they live on in this house. */
export async function expectAtHome(house: House, before: Inhabitants): Promise<void> {
  const { poolId, client, secretive, tokens } = before;
  const { Username } = await house.sdk.send(new GetUserCommand({ AccessToken: tokens.AccessToken }));
  expect(Username).toBe('ann');
  const jwks = await fetch(`${house.url}/${poolId}/.well-known/jwks.json`);
  const keys = createLocalJWKSet((await jwks.json()) as JSONWebKeySet);
  for (const token of [tokens.AccessToken, tokens.IdToken]) await jwtVerify(token, keys);
  expect((await refresh(house, client.ClientId, tokens.RefreshToken)).AccessToken).toBeDefined();

  expect(await signInBySrp(house, poolId, client.ClientId, 'ann')).toBeDefined();
  expect((await signIn(house, client.ClientId, 'żółć-ὀδός-🔑')).AccessToken).toBeDefined();
  const withSecret = await house.sdk.send(
    new InitiateAuthCommand({
      ClientId: secretive.ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: {
        USERNAME: 'ann',
        PASSWORD,
        SECRET_HASH: secretHash(secretive, 'ann'),
      },
    }),
  );
  expect(withSecret.AuthenticationResult).toBeDefined();

  await signInByApp(house, client.ClientId, before.secretOfEve);

  const filter = { UserPoolId: poolId, Filter: 'email = "ann@example.com"' };
  const { Users } = await house.sdk.send(new ListUsersCommand(filter));
  expect(Users?.map((user) => user.Username)).toEqual(['ann']);
  expect(await marksOf(house, poolId)).toEqual({
    salt: before.salt,
    subOfAnn: before.subOfAnn,
  });
}

/** The code that was pending when they moved sets a new password: once, so in one house. */
export async function expectCodeWorks(house: House, { client, codeOfBob }: Inhabitants): Promise<void> {
  const { confirm, signIn } = recoveryCalls(house, client);
  await confirm('bob', codeOfBob);
  expect((await signIn('bob', NEW_PASSWORD)).AuthenticationResult).toBeDefined();
}

/** What anybody can see of a house: the sub of a user, and the salt of somebody who does not exist. */
async function marksOf(house: House, poolId: string) {
  const ann = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: 'ann' }));
  const nobody = await house.createClient(poolId, { PreventUserExistenceErrors: 'ENABLED' });
  const { ChallengeParameters } = await house.sdk.send(
    new InitiateAuthCommand({
      ClientId: nobody.ClientId,
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME: 'nobody', SRP_A: srpClient(poolId).SRP_A },
    }),
  );
  return {
    salt: ChallengeParameters?.['SALT'],
    subOfAnn: ann.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value,
  };
}

async function signInBySrp(house: House, poolId: string, ClientId: string, name: string) {
  const client = srpClient(poolId);
  const { ChallengeParameters } = await house.sdk.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME: name, SRP_A: client.SRP_A },
    }),
  );
  const answer = await house.sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: client.prove(ChallengeParameters, PASSWORD),
    }),
  );
  return answer.AuthenticationResult;
}

async function setUpMfa(house: House, poolId: string, clientId: string): Promise<string> {
  await setPoolFactors(house, poolId, 'OPTIONAL', ['SOFTWARE_TOKEN_MFA']);
  const { AccessToken } = await signIn(house, clientId, 'eve');
  const { secretCode } = await registerAuthenticator(house, AccessToken);
  await setPreference(house, AccessToken, { SoftwareTokenMfaSettings: PREFERRED });
  return secretCode;
}

let visits = 0;
/** Each visit is later than all before it, in whichever house they were: a code is good once. */
async function signInByApp(house: House, ClientId: string, secretCode: string): Promise<void> {
  visits += 1;
  await house.advance(`PT${2 * visits}M`);
  const AuthParameters = { USERNAME: 'eve', PASSWORD };
  const begin = new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
  const { ChallengeName, Session } = await house.sdk.send(begin);
  const code = await authenticator(house, secretCode).code();
  const ChallengeResponses = { USERNAME: 'eve', SOFTWARE_TOKEN_MFA_CODE: code };
  const answer = { ClientId, ChallengeName, Session, ChallengeResponses };
  const { AuthenticationResult } = await house.sdk.send(new RespondToAuthChallengeCommand(answer));
  expect(AuthenticationResult).toBeDefined();
}
