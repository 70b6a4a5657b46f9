import {
  AdminCreateUserCommand,
  type CreateUserPoolCommandInput,
  DescribeUserPoolCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  UpdateUserPoolCommand,
  type VerificationMessageTemplateType,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse } from '../support/house.ts';
import { type MailServer, openMailServer } from '../support/mail-server.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

let mail: MailServer;
let house: House;
beforeAll(async () => {
  mail = await openMailServer();
  house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});

type Input = Partial<CreateUserPoolCommandInput>;
/** No password is hashed for who signs up without one. */
const factors: Input = {
  Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
};
const poolWith = (input: Input) => house.createPool({ ...factors, ...input });
const shown = async (UserPoolId: string) =>
  (await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool;

describe('a text that has two names', () => {
  const template: VerificationMessageTemplateType = {
    EmailMessage: 'Mail {####}',
    EmailSubject: 'Subject',
    SmsMessage: 'Text {####}',
  };
  const older = {
    EmailVerificationMessage: 'Mail {####}',
    EmailVerificationSubject: 'Subject',
    SmsVerificationMessage: 'Text {####}',
  };
  const both: Input = {
    ...older,
    VerificationMessageTemplate: { ...template, DefaultEmailOption: 'CONFIRM_WITH_CODE' },
  };

  it.each<[string, Input]>([
    ['VerificationMessageTemplate', { VerificationMessageTemplate: template }],
    ['EmailVerificationMessage and its like', older],
    [
      'both, of which the template goes before (terraform-provider-aws#2423, #2425) [Q]',
      { ...older, EmailVerificationMessage: 'Other {####}', VerificationMessageTemplate: template },
    ],
  ])('is shown by both: given as %s', async (_, input) => {
    expect(await shown(await poolWith(input))).toMatchObject(both);
  });

  it('is gone by both when an update leaves it out', async () => {
    const UserPoolId = await poolWith(older);
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId, AutoVerifiedAttributes: ['email'] }));
    const pool = await shown(UserPoolId);
    expect(pool?.VerificationMessageTemplate).toEqual({ DefaultEmailOption: 'CONFIRM_WITH_CODE' });
    expect(pool).not.toHaveProperty('EmailVerificationMessage');
  });
});

describe("the API model's limits", () => {
  const template = (VerificationMessageTemplate: object): Input => ({ VerificationMessageTemplate });
  const invite = (InviteMessageTemplate: object): Input => ({
    AdminCreateUserConfig: { InviteMessageTemplate },
  });
  const violated = (member: string, constraint: string) =>
    new RegExp(`'${member}' failed .*${constraint}`, 's');

  it.each<[string, Input, RegExp]>([
    [
      'an email without {####}',
      template({ EmailMessage: 'No code' }),
      violated('verificationMessageTemplate.emailMessage', 'pattern'),
    ],
    [
      'a link without {##text##}',
      template({ EmailMessageByLink: 'No {#link#}' }),
      violated('verificationMessageTemplate.emailMessageByLink', 'pattern'),
    ],
    [
      'an SMS of 141',
      template({ SmsMessage: `{####}${'x'.repeat(135)}` }),
      violated('verificationMessageTemplate.smsMessage', '140'),
    ],
    ['an SMS of 5', { SmsVerificationMessage: '{###}' }, violated('smsVerificationMessage', '6')],
    [
      'a subject of 141',
      { EmailVerificationSubject: 'x'.repeat(141) },
      violated('emailVerificationSubject', '140'),
    ],
    [
      'an empty subject',
      template({ EmailSubjectByLink: '' }),
      violated('verificationMessageTemplate.emailSubjectByLink', '1'),
    ],
    [
      'an email of 20,001',
      { EmailVerificationMessage: `{####}${'x'.repeat(19_995)}` },
      violated('emailVerificationMessage', '20000'),
    ],
    [
      'another option',
      template({ DefaultEmailOption: 'CONFIRM' }),
      violated('verificationMessageTemplate.defaultEmailOption', 'enum'),
    ],
    [
      'an SMS for MFA without {####}',
      { SmsAuthenticationMessage: 'No code' },
      violated('smsAuthenticationMessage', 'pattern'),
    ],
    [
      'an invitation by SMS of 141',
      invite({ SMSMessage: `{username}{####}${'x'.repeat(125)}` }),
      violated('adminCreateUserConfig.inviteMessageTemplate.smsMessage', '140'),
    ],
  ])('refuse %s', async (_, input, text) => {
    expect(await refusal(poolWith(input))).toMatch(text);
  });

  it('take what is just within', async () => {
    const texts = {
      EmailMessage: `{####}${'x'.repeat(19_994)}`,
      EmailMessageByLink: `{##ä##}${'x'.repeat(19_993)}`,
      EmailSubjectByLink: 'x'.repeat(140),
      SmsMessage: `{####}${'x'.repeat(134)}`,
    };
    expect(await shown(await poolWith(template(texts)))).toMatchObject({
      VerificationMessageTemplate: texts,
    });
  });
});

describe('a mail that arrives', () => {
  async function signUp(poolId: string, name: string) {
    const { ClientId } = await house.createClient(poolId, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] });
    const UserAttributes = attributeList({ email: `${name}@example.com` });
    await house.sdk.send(new SignUpCommand({ ClientId, Username: name, UserAttributes }));
    const { content } = await mail.first(`${name}@example.com`);
    return { content, ClientId };
  }

  it('is a whole document, and a text, of what the inbox shows', async () => {
    const name = newName();
    const { content } = await signUp(await poolWith({}), name);
    const [message] = await house.messages(`${name}@example.com`);
    expect(message?.body).toBe(`Your confirmation code is ${message?.code}`);
    expect(content.html).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
    expect(content.html).toContain(
      `<p>Your confirmation code is <strong class="code">${message?.code}</strong></p>`,
    );
    expect(content.html).toContain('<title>Your verification code</title>');
    expect(content.text?.trim()).toBe(message?.body);
    expect(content.subject).toBe('Your verification code');
  });

  it('has a link that works, in both of its parts', async () => {
    const name = newName();
    const pool = await poolWith({
      VerificationMessageTemplate: {
        DefaultEmailOption: 'CONFIRM_WITH_LINK',
        EmailMessageByLink: '<p>Welcome. {##Confirm##}</p>',
      },
    });
    const { content, ClientId } = await signUp(pool, name);
    const link = /^Welcome\. Confirm <(http[^>\s]*)>$/.exec(content.text?.trim() ?? '')?.[1] as string;
    expect(content.html).toContain(`<a href="${link.replaceAll('&', '&amp;')}">Confirm</a>`);
    expect((await fetch(link)).status).toBe(200);
    const again = new ResendConfirmationCodeCommand({ ClientId, Username: name });
    expect(await refusal(house.sdk.send(again))).toMatch(/already confirmed/);
  });

  it("is the pool's document where that is a whole one, in the language that the pool says", async () => {
    const EmailVerificationMessage = '<!DOCTYPE html>\n<html lang="sv"><body>Kod: {####}</body></html>';
    const name = newName();
    const { content } = await signUp(await poolWith({ EmailVerificationMessage }), name);
    const [message] = await house.messages(`${name}@example.com`);
    expect((content.html || '').trim()).toBe(
      EmailVerificationMessage.replace('{####}', message?.code as string),
    );

    const fragments = await poolWith({ EmailVerificationMessage: '<p>رمز {username}: {####}</p>' });
    const json = { messages: { language: 'ar-eg' } };
    await house.operator(`pools/${fragments}/settings`, { method: 'PUT', json });
    const fragment = (await signUp(fragments, newName())).content.html;
    expect(fragment).toContain('<html lang="ar-EG" dir="rtl">');
    // "You can't use the {username} placeholder in verification email messages" [D]
    expect(fragment).toContain('<p>رمز {username}: ');
  });

  it('holds of a hostile name what it is called, and nothing else', async () => {
    const UserPoolId = await poolWith({
      AdminCreateUserConfig: {
        InviteMessageTemplate: {
          EmailSubject: 'For {username}',
          EmailMessage: '<p title="x">Hello {username}</p><p>{####}</p>',
        },
      },
    });
    const name = `"><img/src=x/onerror=1>{####}{username}&amp;'</p></main></html>`;
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId,
        Username: name,
        TemporaryPassword: 'Aa1!<b>{username}',
        DesiredDeliveryMediums: ['EMAIL'],
        UserAttributes: attributeList({ email: 'hostile@example.com' }),
      }),
    );
    const { content } = await mail.first('hostile@example.com');
    // A subject has no placeholders (amplify-js#936).
    expect(content.subject).toBe('For {username}');
    expect(content.text?.trim()).toBe(`Hello ${name}\n\nAa1!<b>{username}`);
    const main = /<main>([\s\S]*)<\/main>/.exec(content.html || '')?.[1];
    expect(main?.match(/<[^>]*>/g)).toEqual(['<p title="x">', '</p>', '<p>', '</p>']);
  });
});
