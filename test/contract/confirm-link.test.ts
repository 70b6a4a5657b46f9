import {
  AdminConfirmSignUpCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  ConfirmSignUpCommand,
  type CreateUserPoolCommandInput,
  ForgotPasswordCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { openHouse } from '../support/house.ts';
import { newName, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const CONFIRMED = 'Your registration has been confirmed!';
const REFUSED = 'This link does not work';
const PostConfirmation = 'PostConfirmation_ConfirmSignUp';

const codesByMail: Partial<CreateUserPoolCommandInput> = {
  Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
};
const ExplicitAuthFlows = ['ALLOW_USER_AUTH' as const];

let house: FunctionHouse;
let pool: string;
let ClientId: string;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await house.createPool({
    ...codesByMail,
    AutoVerifiedAttributes: ['email', 'phone_number'],
    LambdaConfig: house.functions.config('CustomMessage', 'PostConfirmation'),
    VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_LINK' },
  });
  ({ ClientId } = await house.createClient(pool, { ExplicitAuthFlows }));
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const addressOf = (name: string) => `${encodeURIComponent(name)}@example.com`;
/** Who signs up without a password: none is hashed for them. */
async function signUp(name: string, attributes: Record<string, string> = { email: addressOf(name) }) {
  const UserAttributes = attributeList(attributes);
  await house.sdk.send(new SignUpCommand({ ClientId, Username: name, UserAttributes }));
}
async function mailTo(name: string) {
  const [message] = await house.messages(addressOf(name));
  if (message === undefined) throw new Error(`No mail to ${name}.`);
  const href = /<a href="([^"]*)">/.exec(message.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
  return { ...message, link: href };
}
async function signedUp(name = newName()) {
  await signUp(name);
  return { name, ...(await mailTo(name)) };
}
async function open(link: string, init: RequestInit = {}) {
  const response = await fetch(new URL(link, house.url), init);
  const page = await response.text();
  return {
    status: response.status,
    title: /<h1>(.*)<\/h1>/.exec(page)?.[1],
    page,
    headers: response.headers,
  };
}
const changed = (link: string, changes: Record<string, string>) => {
  const url = new URL(link);
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  return url.href;
};
const userOf = (Username: string) => house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username }));
const statusOf = async (name: string) => (await userOf(name)).UserStatus;

describe('the mail of a pool of links', () => {
  it('has a link with the client, the username and the code, for SignUp and ResendConfirmationCode [D]', async () => {
    const { name, subject, body, code, link } = await signedUp();
    expect(subject).toBe('Your verification link');
    const url = `${house.url}/confirmUser?client_id=${ClientId}&user_name=${name}&confirmation_code=${code}`;
    expect(body).toBe(
      `Please click the link below to verify your email address. <a href="${url.replaceAll('&', '&amp;')}">Verify Email</a> `,
    );
    expect(body).not.toMatch(/>[^<]*\d{6}/);

    await house.sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username: name }));
    const [again] = await house.messages(addressOf(name));
    expect(again?.code).not.toBe(code);
    expect(again?.body).toContain(`confirmation_code=${again?.code}"`);
    // The newest link works alone.
    expect((await open(link)).title).toBe(REFUSED);
    expect((await open((await mailTo(name)).link)).title).toBe(CONFIRMED);
  });

  it.each(['ann&admin=1', 'a"><b>c', "o'neil", 'ä/ö?#%2B+', '{####}{##x##}'])(
    'names a user whatever they are called: %s',
    async (name) => {
      const { link, body } = await signedUp(name);
      expect(new URL(link).searchParams.get('user_name')).toBe(name);
      expect([...new URL(link).searchParams.keys()]).toEqual(['client_id', 'user_name', 'confirmation_code']);
      expect(body.match(/<[a-z/]+/g)).toEqual(['<a', '</a']);
      expect((await open(link)).title).toBe(CONFIRMED);
      expect(await statusOf(name)).toBe('CONFIRMED');
    },
  );

  it('names a user of a pool with email for a username by the username that was made up', async () => {
    const UserPoolId = await house.createPool({
      ...codesByMail,
      UsernameAttributes: ['email'],
      VerificationMessageTemplate: {
        DefaultEmailOption: 'CONFIRM_WITH_LINK',
        EmailSubjectByLink: 'Your\nown',
        EmailMessageByLink: '<p>Go {##<b>there</b>##}, or to {####}</p>',
      },
    });
    const client = await house.createClient(UserPoolId, { ExplicitAuthFlows, GenerateSecret: false });
    const Username = 'sub@example.com';
    const { UserSub } = await house.sdk.send(new SignUpCommand({ ClientId: client.ClientId, Username }));
    const [message] = await house.messages(Username);
    expect(message?.subject).toBe('Your own');
    const href = `${house.url}/confirmUser?client_id=${client.ClientId}&amp;user_name=${UserSub}&amp;confirmation_code=${message?.code}`;
    expect(message?.body).toBe(
      `<p>Go <a href="${href}"><b>there</b></a>, or to <a href="${href}">${href}</a></p>`,
    );
  });

  it('is a code by SMS, and for every other purpose [D]', async () => {
    const name = newName();
    await signUp(name, { email: addressOf(name), phone_number: '+12065550199' });
    const [text] = await house.messages('+12065550199');
    expect(text?.body).toBe(`Your confirmation code is ${text?.code}`);
    const other = await signedUp();
    await open(other.link);
    await house.sdk.send(new ForgotPasswordCommand({ ClientId, Username: other.name }));
    const [reset] = await house.messages(addressOf(other.name));
    expect(reset?.body).toBe(`Your password reset code is ${reset?.code}`);
    const moved = `moved-${addressOf(other.name)}`;
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool,
        Username: other.name,
        UserAttributes: attributeList({ email: moved }),
      }),
    );
    const [proof] = await house.messages(moved);
    expect(proof?.body).toBe(`Your confirmation code is ${proof?.code}`);
  });

  it('may be written by the CustomMessage function around its linkParameter', async () => {
    house.functions.answer('CustomMessage_SignUp', ({ request }) => ({
      emailMessage: `Hello! ${request.linkParameter}`,
      emailSubject: 'Hi',
    }));
    const { link, body, subject } = await signedUp();
    expect(subject).toBe('Hi');
    expect(body).toBe(`Hello! <a href="${link.replaceAll('&', '&amp;')}">Click Here</a>`);
    expect((await open(link)).title).toBe(CONFIRMED);
  });

  it('is refused where the function leaves the link out', async () => {
    house.functions.answer('CustomMessage_SignUp', { emailMessage: 'Hello {##} there' });
    const text = await refusal(signUp(newName()));
    expect(text).toMatch(
      /^InvalidParameterException: 1 validation error detected: Value at 'emailBody' failed .*\\\{##\[.*\]\*##\\\}/,
    );
  });
});

describe('a click on the link', () => {
  it('confirms the user and verifies the address, and tells PostConfirmation so', async () => {
    const { name, link } = await signedUp();
    const { status, title } = await open(link);
    expect([status, title]).toEqual([200, CONFIRMED]);
    const { UserStatus, UserAttributes } = await userOf(name);
    expect(UserStatus).toBe('CONFIRMED');
    expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'true' });
    const [event, ...more] = house.functions.events(PostConfirmation);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ userName: name, callerContext: { clientId: ClientId } });
    expect(event?.request).toMatchObject({ userAttributes: { 'cognito:user_status': 'CONFIRMED' } });
  });

  it('is right again for who comes after a scanner of mails, as often as links may be tried', async () => {
    const { name, link } = await signedUp();
    const slashed = link.replace('/confirmUser?', '/confirmUser/?');
    const clicks = await Promise.all([link, slashed, `${link}&response_type=code`].map((one) => open(one)));
    expect(clicks.map(({ title }) => title)).toEqual([CONFIRMED, CONFIRMED, CONFIRMED]);
    expect(house.functions.events(PostConfirmation)).toHaveLength(1);
    const guess = changed(link, { confirmation_code: wrongCode((await mailTo(name)).code) });
    expect((await open(guess)).title).toBe(REFUSED);
    // 15 an hour, by links and by ConfirmSignUp together.
    for (let tries = 5; tries <= 15; tries += 1) expect((await open(link)).title).toBe(CONFIRMED);
    expect((await open(link)).title).toBe(REFUSED);
    const command = new ConfirmSignUpCommand({ ClientId, Username: newName(), ConfirmationCode: '1' });
    expect(await refusal(house.sdk.send(command))).toMatch(/^UserNotFoundException/);
  });

  it('stands, whatever the PostConfirmation function makes of it', async () => {
    house.functions.fail(PostConfirmation, 'No.');
    const { name, link } = await signedUp();
    expect((await open(link)).title).toBe(CONFIRMED);
    expect(await statusOf(name)).toBe('CONFIRMED');
  });

  it('needs no secret of the app client', async () => {
    const secret = await house.createClient(pool, { ExplicitAuthFlows, GenerateSecret: true });
    const { name, link } = await signedUp();
    expect((await open(changed(link, { client_id: secret.ClientId }))).title).toBe(CONFIRMED);
    expect(await statusOf(name)).toBe('CONFIRMED');
  });

  it('is the same page for whoever is not confirmed by it', async () => {
    const { name, link, code } = await signedUp();
    const byAdmin = await signedUp();
    const UserPoolId = pool;
    await house.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: byAdmin.name }));
    const gone = await signedUp();
    expect((await open(gone.link)).title).toBe(CONFIRMED);
    await house.sdk.send(new AdminDeleteUserCommand({ UserPoolId, Username: gone.name }));
    const byCode = await signedUp();
    await house.sdk.send(
      new ConfirmSignUpCommand({ ClientId, Username: byCode.name, ConfirmationCode: byCode.code }),
    );
    const foreign = await house.createClient(await house.createPool());
    const other = await openHouse();
    const pages = await Promise.all(
      [
        changed(link, { confirmation_code: wrongCode(code) }),
        changed(link, { user_name: 'nobody' }),
        changed(link, { client_id: foreign.ClientId }),
        changed(link, { client_id: 'unknown' }),
        changed(link, { user_name: 'a\u0000b' }),
        changed(link, { user_name: 'x'.repeat(2000) }),
        changed(link, { confirmation_code: '' }),
        `${link}&user_name=${name}`,
        link.replace(/&user_name.*/, ''),
        `${house.url}/confirmUser`,
        byAdmin.link,
        gone.link,
        byCode.link,
        link.replace(house.url, other.url),
      ].map((one) => open(one)),
    );
    await other[Symbol.asyncDispose]();
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([400]));
    expect(new Set(pages.map(({ page }) => page)).size).toBe(1);
    expect(pages[0]?.title).toBe(REFUSED);
    expect(await statusOf(name)).toBe('UNCONFIRMED');
    expect((await open(link)).title).toBe(CONFIRMED);
  });

  it('is over with the code, after a day', async () => {
    await using later = await openHouse();
    const id = await later.createPool({
      ...codesByMail,
      VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_LINK' },
    });
    const client = await later.createClient(id, { ExplicitAuthFlows });
    await later.sdk.send(
      new SignUpCommand({
        ClientId: client.ClientId,
        Username: 'ann',
        UserAttributes: attributeList({ email: 'ann@example.com' }),
      }),
    );
    const [message] = await later.messages('ann@example.com');
    const link = /href="([^"]*)"/.exec(message?.body ?? '')?.[1]?.replaceAll('&amp;', '&') as string;
    // Without a public URL links lead to where the server listens.
    expect(link.startsWith(`${later.url}/confirmUser?`)).toBe(true);
    await later.advance('PT24H');
    const response = await fetch(link);
    expect(response.status).toBe(400);
  });

  it('is a page that nobody frames, keeps, indexes or learns the code from', async () => {
    const { link, name, code } = await signedUp();
    for (const one of [link, changed(link, { client_id: '<script>' })]) {
      const { headers, page } = await open(one);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      );
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-robots-tag')).toBe('noindex');
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      for (const told of ['script', name, code, ClientId]) expect(page).not.toContain(told);
    }
  });

  it('comes in the language of the browser', async () => {
    const titles: (string | undefined)[] = [];
    for (const languages of ['sv, de-AT;q=0.8, fr;q=0.9', 'xx', '*', 'pt-PT', ',;q=,de;q=0']) {
      titles.push((await open('/confirmUser', { headers: { 'accept-language': languages } })).title);
    }
    expect(titles).toEqual([
      'Ce lien ne fonctionne pas',
      REFUSED,
      REFUSED,
      'Esta ligação não funciona',
      REFUSED,
    ]);
  });

  it.each(['HEAD', 'POST', 'OPTIONS'])('is not a request by %s', async (method) => {
    const { name, link } = await signedUp();
    const { page } = await open(link, { method });
    expect(page).not.toContain(CONFIRMED);
    expect(await statusOf(name)).toBe('UNCONFIRMED');
  });
});

it('requests for the page count in the rate of ConfirmSignUp, whoever they name', async () => {
  await using limited = await openHouse({ requestRates: ['off', 'UserCreation=1'] });
  const url = `${limited.url}/confirmUser?client_id=x&user_name=y&confirmation_code=1`;
  const answers = await Promise.all(Array.from({ length: 12 }, () => fetch(url)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.headers.get('retry-after')).toBe('1');
  expect(await refused[0]?.text()).toContain('Please try again');
  expect(await (await fetch(`${limited.url}/metrics`)).text()).toContain(
    'operation="confirm-user",outcome="TooManyRequestsException"',
  );
});
