import {
  AdminCreateUserCommand,
  ForgotPasswordCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse } from '../support/house.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const ExplicitAuthFlows = ['ALLOW_USER_AUTH' as const];

let house: House;
let pool: string;
let ClientId: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool({
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  });
  ({ ClientId } = await house.createClient(pool, {
    ExplicitAuthFlows,
    PreventUserExistenceErrors: 'ENABLED',
  }));
});
afterAll(() => house[Symbol.asyncDispose]());

const set = (messages: object) =>
  house.operator(`pools/${pool}/settings`, { method: 'PUT', json: { messages } });

async function signedUp(locale: string | undefined, ClientMetadata?: Record<string, string>) {
  const Username = newName();
  const email = `${Username}@example.com`;
  const UserAttributes = attributeList({ email, ...(locale !== undefined && { locale }) });
  await house.sdk.send(new SignUpCommand({ ClientId, Username, UserAttributes, ClientMetadata }));
  const [message] = await house.messages(email);
  return { name: Username, subject: message?.subject, text: message?.body.replace(/\d{6}/, '#') };
}

describe("the default texts come in the user's language", () => {
  it('not unless the pool says so, for Amazon Cognito writes English', async () => {
    expect(await signedUp('de')).toMatchObject({ text: 'Your confirmation code is #' });
  });

  it('where it does; ClientMetadata chooses where it may', async () => {
    await set({ byLocale: true });
    expect(await signedUp('de-CH', { locale: 'fr' })).toMatchObject({
      subject: 'Ihr Bestätigungscode',
      text: 'Ihr Bestätigungscode lautet #',
    });
    expect((await signedUp('xx')).text).toBe('Your confirmation code is #');
    await set({ localeFromClientMetadata: true, language: 'nl' });
    expect((await signedUp('de', { locale: 'pt_PT' })).text).toBe('O seu código de verificação é #');
    expect((await signedUp('ja')).text).toBe('確認コードは # です。');
    expect((await signedUp(undefined, { locale: '<b>' })).text).toBe('Uw verificatiecode is #');
  });

  it('at a recovery and in an invitation, too', async () => {
    await set({ byLocale: true, localeFromClientMetadata: true, language: 'en' });
    const name = newName();
    const email = `${name}@example.com`;
    const UserAttributes = attributeList({ email, email_verified: 'true', locale: 'es-MX' });
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes,
        DesiredDeliveryMediums: ['EMAIL'],
      }),
    );
    const [invitation] = await house.messages(email);
    expect(invitation?.body).toMatch(new RegExp(`^Su nombre de usuario es ${name}`));
    const forgot = (Username: string, locale: string) =>
      house.sdk.send(new ForgotPasswordCommand({ ClientId, Username, ClientMetadata: { locale } }));
    const real = await forgot(name, 'it');
    const [reset] = await house.messages(email);
    expect(reset?.body).toBe(`Il tuo codice per reimpostare la password è ${reset?.code}`);
    // Nobody is answered as somebody.
    const nobody = await forgot(newName(), 'it');
    expect(Object.keys(nobody.CodeDeliveryDetails ?? {})).toEqual(
      Object.keys(real.CodeDeliveryDetails ?? {}),
    );
  });

  it.each([
    [{ byLocale: 'yes' }, 'messages.byLocale must be true or false.'],
    [{ language: 'de_DE' }, 'messages.language must be a language tag, such as en or pt-BR.'],
    [{ language: 7 }, 'messages.language must be a language tag, such as en or pt-BR.'],
    [{ byLocale: false }, 'messages.localeFromClientMetadata needs messages.byLocale.'],
  ])('and not by settings that say nothing: %j', async (messages, text) => {
    await set({ byLocale: true, localeFromClientMetadata: true });
    expect(await refusal(set(messages))).toContain(text);
  });
});
