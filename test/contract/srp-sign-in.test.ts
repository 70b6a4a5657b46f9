import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../support/database.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, secretHash, signIn } from '../support/sign-in.ts';
import { srpClient } from '../support/srp-client.ts';

const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';

let house: House;
let pool: string;
let app: { ClientId: string };
let discreet: { ClientId: string };

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  app = await house.createClient(pool);
  discreet = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
});
afterAll(() => house[Symbol.asyncDispose]());

async function begin(name: string, clientId = app.ClientId, more: Record<string, string> = {}) {
  const client = srpClient(pool);
  const { ChallengeParameters, ChallengeName, Session } = await house.sdk.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME: name, SRP_A: client.SRP_A, ...more },
    }),
  );
  return { client, challenge: ChallengeParameters, ChallengeName, Session };
}

const finish = (ChallengeResponses: Record<string, string>, clientId = app.ClientId) =>
  house.sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId: clientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses,
    }),
  );

async function signInBySrp(name: string, password = PASSWORD, clientId = app.ClientId) {
  const { client, challenge } = await begin(name, clientId);
  return finish(client.prove(challenge, password), clientId);
}

describe('USER_SRP_AUTH', () => {
  it('begins with the challenge PASSWORD_VERIFIER and ends with tokens', async () => {
    await house.createUser(pool, 'ann');
    const { client, challenge, ChallengeName } = await begin('ann');
    expect(ChallengeName).toBe('PASSWORD_VERIFIER');
    expect(challenge).toEqual({
      SALT: expect.stringMatching(/^[0-9a-f]{1,32}$/),
      SRP_B: expect.stringMatching(/^[0-9a-f]{700,768}$/),
      SECRET_BLOCK: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
      USERNAME: 'ann',
      USER_ID_FOR_SRP: 'ann',
    });
    const { AuthenticationResult } = await finish(client.prove(challenge, PASSWORD));
    expect(claimsOf(AuthenticationResult?.AccessToken ?? '')['username']).toBe('ann');
  });

  it('goes the same way through the operations of administrators', async () => {
    await house.createUser(pool, 'admin-srp');
    const client = srpClient(pool);
    const whose = { UserPoolId: pool, ClientId: app.ClientId };
    const { ChallengeParameters } = await house.sdk.send(
      new AdminInitiateAuthCommand({
        ...whose,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME: 'admin-srp', SRP_A: client.SRP_A },
      }),
    );
    const { AuthenticationResult } = await house.sdk.send(
      new AdminRespondToAuthChallengeCommand({
        ...whose,
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeResponses: client.prove(ChallengeParameters, PASSWORD),
      }),
    );
    expect(AuthenticationResult?.RefreshToken).toBeDefined();
  });

  it('refuses a wrong password', async () => {
    await house.createUser(pool, 'bob');
    expect(await refusal(signInBySrp('bob', 'Wrong-1-word'))).toBe(WRONG);
  });

  it('refuses an SRP_A that would do without the password', async () => {
    const N =
      'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd' +
      'ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed' +
      'ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f' +
      '83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b' +
      'e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510' +
      '15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7' +
      'abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c' +
      'bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff';
    for (const SRP_A of ['0', '00', N, 'not hex']) {
      const command = new InitiateAuthCommand({
        ClientId: app.ClientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME: 'ann', SRP_A },
      });
      expect(await refusal(house.sdk.send(command))).toMatch(/^InvalidParameterException: SRP_A/);
    }
  });

  it('names the parameter that is missing', async () => {
    const { client, challenge } = await begin('ann');
    const proof = client.prove(challenge, PASSWORD);
    for (const name of Object.keys(proof)) {
      expect(await refusal(finish({ ...proof, [name]: '' }))).toBe(
        `InvalidParameterException: Missing required parameter ${name}`,
      );
    }
  });

  it('asks a client with a secret for SECRET_HASH at both steps, over the name typed or the one in the challenge', async () => {
    await house.createUser(pool, 'keeper');
    const keeper = await house.createClient(pool, { GenerateSecret: true });
    const { sub } = claimsOf((await signIn(house, app.ClientId, 'keeper')).AccessToken);
    expect(await refusal(begin('keeper', keeper.ClientId))).toMatch('SECRET_HASH was not received');
    const typed = sub as string;
    const { client, challenge } = await begin(typed, keeper.ClientId, {
      SECRET_HASH: secretHash(keeper, typed),
    });
    const proof = client.prove(challenge, PASSWORD);
    expect(await refusal(finish(proof, keeper.ClientId))).toMatch('SECRET_HASH was not received');
    const wrong = { ...proof, SECRET_HASH: secretHash(keeper, 'mallory') };
    expect(await refusal(finish(wrong, keeper.ClientId))).toMatch('Unable to verify secret hash');
    const right = { ...proof, SECRET_HASH: secretHash(keeper, 'keeper') };
    expect((await finish(right, keeper.ClientId)).AuthenticationResult).toBeDefined();
  });
});

describe('a state in which the right password does not sign in', () => {
  it('a user who has not confirmed hears of it with the right password alone', async () => {
    const command = new SignUpCommand({
      ClientId: app.ClientId,
      Username: 'unconfirmed',
      Password: PASSWORD,
    });
    await house.sdk.send(command);
    expect(await refusal(signInBySrp('unconfirmed', 'Wrong-1-word'))).toBe(WRONG);
    expect(await refusal(signInBySrp('unconfirmed'))).toBe(
      'UserNotConfirmedException: User is not confirmed.',
    );
  });

  it('a user with a temporary password goes on to NEW_PASSWORD_REQUIRED', async () => {
    const command = { UserPoolId: pool, Username: 'invited', TemporaryPassword: PASSWORD };
    await house.sdk.send(new AdminCreateUserCommand({ ...command, MessageAction: 'SUPPRESS' }));
    const { ChallengeName, Session } = await signInBySrp('invited');
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    const { AuthenticationResult } = await house.sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId: app.ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: 'invited', NEW_PASSWORD },
      }),
    );
    expect(AuthenticationResult).toBeDefined();
    expect((await signInBySrp('invited', NEW_PASSWORD)).AuthenticationResult).toBeDefined();
  });

  it('a user who is disabled, or deleted, between the two steps does not get in', async () => {
    for (const [name, Command] of [
      ['disabled-meanwhile', AdminDisableUserCommand],
      ['deleted-meanwhile', AdminDeleteUserCommand],
    ] as const) {
      await house.createUser(pool, name);
      const { client, challenge } = await begin(name);
      await house.sdk.send(new Command({ UserPoolId: pool, Username: name }));
      expect(await refusal(finish(client.prove(challenge, PASSWORD)))).toMatch(/^NotAuthorizedException: /);
    }
  });
});

describe('the secret block', () => {
  it('is good for one sign-in', async () => {
    await house.createUser(pool, 'replayed');
    const { client, challenge } = await begin('replayed');
    const proof = client.prove(challenge, PASSWORD);
    expect((await finish(proof)).AuthenticationResult).toBeDefined();
    expect(await refusal(finish(proof))).toBe(
      'NotAuthorizedException: Invalid session for the user, session can only be used once.',
    );
  });

  it('has one winner among proofs at the same time', async () => {
    await house.createUser(pool, 'raced');
    const { client, challenge } = await begin('raced');
    const proof = client.prove(challenge, PASSWORD);
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => finish(proof)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('must be the one that this server made', async () => {
    const { client, challenge } = await begin('ann');
    const proof = client.prove(challenge, PASSWORD);
    const block = Buffer.from(proof['PASSWORD_CLAIM_SECRET_BLOCK'] as string, 'base64');
    for (const at of [0, 1, 20, block.length - 1]) {
      const altered = Buffer.from(block);
      altered[at] = (altered[at] as number) ^ 1;
      const tampered = { ...proof, PASSWORD_CLAIM_SECRET_BLOCK: altered.toString('base64') };
      expect(await refusal(finish(tampered))).toBe(INVALID_SESSION);
    }
    for (const short of ['AA==', 'AQ==', '!']) {
      expect(await refusal(finish({ ...proof, PASSWORD_CLAIM_SECRET_BLOCK: short }))).toBe(INVALID_SESSION);
    }
  });

  it('is of the client that began, in its pool', async () => {
    const { client, challenge } = await begin('ann');
    const proof = client.prove(challenge, PASSWORD);
    const stranger = await house.createClient(await house.createPool());
    expect(await refusal(finish(proof, discreet.ClientId))).toBe(INVALID_SESSION);
    expect(await refusal(finish(proof, stranger.ClientId))).toBe(INVALID_SESSION);
  });

  it('is no session of another challenge', async () => {
    const { challenge } = await begin('ann');
    const Session = Buffer.from(challenge?.['SECRET_BLOCK'] ?? '', 'base64').toString('base64url');
    const command = new RespondToAuthChallengeCommand({
      ClientId: app.ClientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session,
      ChallengeResponses: { USERNAME: 'ann', NEW_PASSWORD },
    });
    expect(await refusal(house.sdk.send(command))).toBe(INVALID_SESSION);
  });

  it('does not let the old password in after a reset between the two steps', async () => {
    await house.createUser(pool, 'recovering');
    const { client, challenge } = await begin('recovering');
    const proof = client.prove(challenge, PASSWORD);
    const whose = { ClientId: app.ClientId, Username: 'recovering' };
    await house.sdk.send(new ForgotPasswordCommand(whose));
    const ConfirmationCode = await house.code('recovering@example.com');
    await house.sdk.send(
      new ConfirmForgotPasswordCommand({ ...whose, ConfirmationCode, Password: NEW_PASSWORD }),
    );
    expect(await refusal(finish(proof))).toBe(WRONG);
    expect((await signInBySrp('recovering', NEW_PASSWORD)).AuthenticationResult).toBeDefined();
  });

  it('ends with the AuthSessionValidity of the client', async () => {
    const { client, challenge } = await begin('ann');
    await house.advance('PT3M1S');
    expect(await refusal(finish(client.prove(challenge, PASSWORD)))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
  });
});

describe('a user who does not exist, as ENABLED', () => {
  it('has a SALT and a USER_ID_FOR_SRP that stay the same, and a new SRP_B each time', async () => {
    const [first, second] = [
      await begin('nobody', discreet.ClientId),
      await begin('nobody', discreet.ClientId),
    ];
    const other = await begin('somebody-else', discreet.ClientId);
    expect(first.challenge).toMatchObject({
      SALT: expect.stringMatching(/^[0-9a-f]{1,32}$/),
      USER_ID_FOR_SRP: 'nobody',
      USERNAME: 'nobody',
    });
    expect(second.challenge?.['SALT']).toBe(first.challenge?.['SALT']);
    expect(second.challenge?.['SRP_B']).not.toBe(first.challenge?.['SRP_B']);
    expect(other.challenge?.['SALT']).not.toBe(first.challenge?.['SALT']);
  });

  it('is refused at the second step like a wrong password', async () => {
    await house.createUser(pool, 'somebody');
    const refusals = ['nobody', 'somebody'].map((name) =>
      refusal(signInBySrp(name, 'Wrong-1-word', discreet.ClientId)),
    );
    expect(await Promise.all(refusals)).toEqual([WRONG, WRONG]);
  });

  it('has the challenge of a user in its form and length', async () => {
    await house.createUser(pool, 'lengthy');
    const [known, unknown] = [
      await begin('lengthy', discreet.ClientId),
      await begin('lengthx', discreet.ClientId),
    ];
    expect(Object.keys(unknown.challenge ?? {})).toEqual(Object.keys(known.challenge ?? {}));
    const difference =
      (unknown.challenge?.['SECRET_BLOCK']?.length ?? 0) - (known.challenge?.['SECRET_BLOCK']?.length ?? 0);
    // The salt rides along in hex, whose leading zeros are left out.
    expect(Math.abs(difference)).toBeLessThanOrEqual(8);
  });

  it('has a made-up username of the form that a pool of email addresses gives', async () => {
    const byEmail = await house.createPool({ UsernameAttributes: ['email'] });
    const { ClientId } = await house.createClient(byEmail, { PreventUserExistenceErrors: 'ENABLED' });
    const [first, second] = [
      await begin('nobody@example.com', ClientId),
      await begin('nobody@example.com', ClientId),
    ];
    expect(first.challenge?.['USER_ID_FOR_SRP']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
    );
    expect(second.challenge?.['USER_ID_FOR_SRP']).toBe(first.challenge?.['USER_ID_FOR_SRP']);
  });
});

describe('the SRP verifier', () => {
  it('is not stored where no client allows SRP, and is added at the next password sign-in once one does', async () => {
    await using database = await openDatabase();
    await using home = await openHouse(database.options);
    const poolId = await home.createPool();
    const { ClientId } = await home.createClient(poolId, {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    });
    await home.createUser(poolId, 'late');
    await signIn(home, ClientId, 'late');
    expect(await storedVerifiers(database)).toEqual([null]);

    await home.sdk.send(
      new UpdateUserPoolClientCommand({
        UserPoolId: poolId,
        ClientId,
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'],
      }),
    );
    expect(await refusal(srpAt(home, poolId, ClientId, 'late'))).toBe(WRONG);
    await signIn(home, ClientId, 'late');
    expect(await storedVerifiers(database)).toEqual([expect.any(Uint8Array)]);
    expect((await srpAt(home, poolId, ClientId, 'late')).AuthenticationResult).toBeDefined();
  });

  it('is stored where a client allows USER_AUTH, whose users may choose PASSWORD_SRP', async () => {
    await using database = await openDatabase();
    await using home = await openHouse(database.options);
    const poolId = await home.createPool();
    await home.createClient(poolId, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] });
    await home.createUser(poolId, 'chooser');
    expect(await storedVerifiers(database)).toEqual([expect.any(Uint8Array)]);
  });
});

const storedVerifiers = async (database: Database) =>
  (await database.rows('select sealed_verifier from users')).map((row) => row['sealed_verifier']);

async function srpAt(home: House, poolId: string, ClientId: string, name: string) {
  const client = srpClient(poolId);
  const { ChallengeParameters } = await home.sdk.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: { USERNAME: name, SRP_A: client.SRP_A },
    }),
  );
  return home.sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: client.prove(ChallengeParameters, PASSWORD),
    }),
  );
}
