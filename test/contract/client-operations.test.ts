import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as client from '../../packages/client/src/index.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';

describe('against a running server', () => {
  let house: House;
  let ClientId: string;
  let poolId: string;
  beforeAll(async () => {
    house = await openHouse();
    poolId = await house.createPool();
    ({ ClientId } = await house.createClient(poolId, { PreventUserExistenceErrors: 'ENABLED' }));
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const signIn = (name: string, password: string) =>
    client.initiateAuth(
      { endpoint: house.url },
      {
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: name, PASSWORD: password },
      },
    );

  test('a forgotten password becomes a new one', async () => {
    const at = { endpoint: house.url };
    const { username: Username } = await house.createUser(poolId, 'alice');

    const { CodeDeliveryDetails } = await client.forgotPassword(at, { ClientId, Username });
    expect(CodeDeliveryDetails).toEqual({
      AttributeName: 'email',
      DeliveryMedium: 'EMAIL',
      Destination: 'a***@e***',
    });
    const ConfirmationCode = await house.code('alice@example.com');
    const confirmed = await client.confirmForgotPassword(at, {
      ClientId,
      Username,
      ConfirmationCode,
      Password: NEW_PASSWORD,
    });
    expect(confirmed).toEqual({ httpStatus: 200, requestId: expect.any(String) });

    await expect(signIn('alice', PASSWORD)).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    expect((await signIn('alice', NEW_PASSWORD)).AuthenticationResult?.AccessToken).toBeTypeOf('string');
  });

  test('a sign-up is confirmed with the code that is sent again, and the session ends at sign-out', async () => {
    const at = { endpoint: new URL(house.url) };
    const Username = 'bob';
    const registered = await client.signUp(at, {
      ClientId,
      Username,
      Password: PASSWORD,
      UserAttributes: [{ Name: 'email', Value: 'bob@example.com' }],
    });
    expect(registered).toMatchObject({ UserConfirmed: false, UserSub: expect.any(String) });
    await client.resendConfirmationCode(at, { ClientId, Username });
    const ConfirmationCode = await house.code('bob@example.com');
    await client.confirmSignUp(at, { ClientId, Username, ConfirmationCode });

    const tokens = (await signIn('bob', PASSWORD)).AuthenticationResult;
    const AccessToken = tokens?.AccessToken as string;
    const user = await client.getUser(at, { AccessToken });
    expect(user.Username).toBe('bob');
    expect(user.UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'true' });
    await client.changePassword(at, {
      AccessToken,
      PreviousPassword: PASSWORD,
      ProposedPassword: NEW_PASSWORD,
    });
    await client.revokeToken(at, { ClientId, Token: tokens?.RefreshToken as string });
    await expect(client.getUser(at, { AccessToken })).rejects.toThrow(client.ServiceError);

    const again = (await signIn('bob', NEW_PASSWORD)).AuthenticationResult?.AccessToken as string;
    expect(await client.globalSignOut(at, { AccessToken: again })).toMatchObject({ httpStatus: 200 });
    await expect(client.getUser(at, { AccessToken: again })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    });
  });

  test('a refusal tells its name, text, status and request', async () => {
    const at = { endpoint: house.url };
    const { username: Username } = await house.createUser(poolId, 'carol');
    await client.forgotPassword(at, { ClientId, Username });
    const wrong = (await house.code('carol@example.com')) === '123456' ? '654321' : '123456';
    const error = await client
      .confirmForgotPassword(at, { ClientId, Username, ConfirmationCode: wrong, Password: NEW_PASSWORD })
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(client.ServiceError);
    expect(error).toMatchObject({
      name: 'CodeMismatchException',
      message: 'Invalid verification code provided, please try again.',
      httpStatus: 400,
      requestId: expect.stringMatching(/./),
    });
  });

  test('a challenge that was never set is refused', async () => {
    const refused = client.respondToAuthChallenge(
      { endpoint: house.url },
      {
        ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: 'x'.repeat(20),
        ChallengeResponses: { USERNAME: 'alice', NEW_PASSWORD },
      },
    );
    await expect(refused).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  });
});
