import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName } from '../support/recovery-calls.ts';
import {
  ADDRESSLESS,
  always,
  BOTH,
  DISABLED,
  EXPIRED,
  HIDDEN,
  MISMATCH,
  MODES,
  type Mode,
  NOBODY,
  openRecoveryPool,
  type Person,
  RECOVERS,
  type RecoveryPool,
  refusedWith,
  type Story,
  WRONG_STATE,
} from '../support/recovery-story.ts';
import { refusal } from '../support/refusal.ts';

// Whom a name stands for in ForgotPassword and ConfirmForgotPassword, in which state they may recover, and what somebody
// is told who may not: where an app client tells who exists (LEGACY), and where it does not (ENABLED).

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

let phones = 0;
const newPhone = () => `+1555${String(++phones).padStart(7, '0')}`;

describe('in a pool with aliases, the name may be', () => {
  let shop: RecoveryPool;
  beforeAll(async () => {
    shop = await openRecoveryPool(house, {
      AliasAttributes: ['email', 'phone_number', 'preferred_username'],
    });
  });
  const full = async () => {
    const name = newName();
    const phone_number = newPhone();
    const attributes = {
      email: `${name}@example.com`,
      email_verified: 'true',
      phone_number,
      preferred_username: `the-${name}`,
    };
    return { person: await shop.confirmed(name, attributes), attributes };
  };

  it.each([
    ['the username [D]', BOTH, 'username'],
    ['the sub [D]', BOTH, 'sub'],
    ['a verified email [D]', BOTH, 'email'],
    ['the preferred_username [D]', BOTH, 'preferred_username'],
    ['not a phone number that is not verified [D]', NOBODY, 'phone_number'],
  ] as const)('%s', async (_, expected, by) => {
    const stories = await shop.both(async () => {
      const { person, attributes } = await full();
      return { person, name: by === 'username' || by === 'sub' ? person[by] : attributes[by] };
    });
    expect(stories).toEqual(expected);
  });

  it('a verified phone number [D]', async () => {
    const stories = await shop.both(async () => {
      const phone_number = newPhone();
      const email = `${newName()}@example.com`;
      const attributes = { email, email_verified: 'true', phone_number, phone_number_verified: 'true' };
      const person = await shop.confirmed(newName(), attributes);
      // Without an AccountRecoverySetting the code goes to the phone.
      return { person: { ...person, to: phone_number }, name: phone_number };
    });
    expect(stories).toEqual(BOTH);
  });

  it('not an email that is not verified, though its user is reached by username, and then has no address [D]', async () => {
    const unproven = async () => {
      const name = newName();
      return shop.confirmed(name, { email: `${name}@example.com` });
    };
    const byEmail = await shop.both(async () => {
      const person = await unproven();
      return { person, name: person.to };
    });
    expect(byEmail).toEqual(NOBODY);
    const byName = await shop.both(async () => {
      const person = await unproven();
      return { person, name: person.username };
    });
    expect(byName).toEqual(ADDRESSLESS);
  });

  it.each([
    ['preferred_username', (name: string) => `the-${name}`],
    ['email', (name: string) => `${name}@example.com`],
  ])('not the %s of somebody who has yet to confirm [D]', async (_, called) => {
    const stories = await shop.both(async () => {
      const name = newName();
      const to = `${name}@example.com`;
      await shop.signUp(name, { email: to, preferred_username: `the-${name}` });
      return { person: { username: name, to }, name: called(name) };
    });
    expect(stories).toEqual(NOBODY);
  });

  it('not a name in another case [D]', async () => {
    for (const by of ['username', 'email', 'preferred_username'] as const) {
      const stories = await shop.both(async () => {
        const { person, attributes } = await full();
        const name = by === 'username' ? person.username : attributes[by];
        return { person, name: name.toUpperCase() };
      });
      expect(stories, by).toEqual(NOBODY);
    }
  });

  describe('an address that ForceAliasCreation gave to somebody else:', () => {
    async function takenOver() {
      const [first, second] = [newName(), newName()];
      const email = `shared-${first}@example.com`;
      await shop.signUp(first, { email });
      await shop.confirmSignUp(first, await house.code(email));
      await shop.signUp(second, { email });
      const code = await house.code(email);
      return { first, second, email, take: () => shop.confirmSignUp(second, code, true) };
    }

    it('it is the new owner [D]', async () => {
      const stories = await shop.both(async () => {
        const { second, email, take } = await takenOver();
        await take();
        return { person: { username: second, to: email }, name: email };
      });
      expect(stories).toEqual(BOTH);
    });

    it('the previous owner has no address any more, by whatever name [D]', async () => {
      for (const by of ['username', 'sub'] as const) {
        const stories = await shop.both(async () => {
          const { first, email, take } = await takenOver();
          await take();
          const person = await shop.person(first, email);
          return { person, name: person[by] };
        });
        expect(stories, by).toEqual(ADDRESSLESS);
      }
    });

    it('a code that the previous owner was sent before resets nothing after', async () => {
      for (const mode of MODES) {
        const { first, email, take } = await takenOver();
        const { forgot, confirm } = shop.calls[mode];
        await forgot(first);
        const code = await house.code(email);
        await take();
        expect(await refusal(confirm(first, code))).toBe(EXPIRED);
        await shop.calls.LEGACY.signIn(first, PASSWORD);
      }
    });
  });
});

describe('in a pool that folds the case of names', () => {
  it('a user is reached by username, email and preferred_username in any case, and by sub [D]', async () => {
    const shop = await openRecoveryPool(house, {
      AliasAttributes: ['email', 'preferred_username'],
      UsernameConfiguration: { CaseSensitive: false },
    });
    for (const by of ['username', 'email', 'preferred_username', 'sub'] as const) {
      const stories = await shop.both(async () => {
        const name = newName();
        const email = `Mixed-${name}@Example.com`;
        const attributes = { email, email_verified: 'true', preferred_username: `The-${name}` };
        const person = await shop.confirmed(`Some-${name}`, attributes);
        const names = {
          username: `SOME-${name}`,
          email: `mIXED-${name}@eXAMPLE.COM`,
          preferred_username: `tHE-${name}`,
          sub: person.sub,
        };
        return { person, name: names[by] };
      });
      expect(stories, by).toEqual(BOTH);
    }
  });

  it('so is one whose username is an email', async () => {
    const shop = await openRecoveryPool(house, {
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    });
    for (const change of [(sub: string) => sub, (sub: string) => sub.toUpperCase()]) {
      const bySub = await shop.both(async () => {
        const person = await shop.confirmed(`${newName()}@example.com`);
        return { person, name: change(person.sub) };
      });
      expect(bySub).toEqual(BOTH);
    }
    const byEmail = await shop.both(async () => {
      const person = await shop.confirmed(`Mixed-${newName()}@Example.com`);
      return { person, name: person.to.toUpperCase() };
    });
    expect(byEmail).toEqual(BOTH);
  });
});

describe('in a pool whose usernames are addresses', () => {
  let shop: RecoveryPool;
  beforeAll(async () => {
    shop = await openRecoveryPool(house, { UsernameAttributes: ['email', 'phone_number'] });
  });

  it.each([
    ['the address', BOTH, (person: Person) => person.to],
    ['the sub, which is the username [D, V]', BOTH, (person: Person) => person.sub],
    ['not the address in another case [D]', NOBODY, (person: Person) => person.to.toUpperCase()],
    ['not the sub in another case', NOBODY, (person: Person) => person.sub.toUpperCase()],
  ])('the name may be %s', async (_, expected, called) => {
    const stories = await shop.both(async () => {
      const person = await shop.confirmed(`${newName()}@example.com`);
      return { person, name: called(person) };
    });
    expect(stories).toEqual(expected);
  });

  it('an address that is not verified signs in and does not recover [D]', async () => {
    for (const by of ['to', 'sub'] as const) {
      const stories = await shop.both(async () => {
        const email = `${newName()}@example.com`;
        const person = await shop.confirmed(email, { email });
        await shop.calls.LEGACY.signIn(email);
        return { person, name: person[by] };
      });
      expect(stories, by).toEqual(ADDRESSLESS);
    }
  });
});

describe('in the state', () => {
  let shop: RecoveryPool;
  beforeAll(async () => {
    shop = await openRecoveryPool(house, {});
  });
  const proven = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });
  const named = (Username: string) => shop.named(Username);

  const states: [string, Record<Mode, Story>, (name: string) => Promise<unknown>][] = [
    ['CONFIRMED [D]', BOTH, (name) => shop.confirmed(name)],
    [
      'RESET_REQUIRED, in which a code is out already [D]',
      {
        LEGACY: { ...RECOVERS, unasked: MISMATCH },
        ENABLED: { ...RECOVERS, unasked: MISMATCH },
      },
      async (name) => {
        await shop.confirmed(name);
        await house.sdk.send(new AdminResetUserPasswordCommand(named(name)));
      },
    ],
    [
      'UNCONFIRMED with nothing verified [Q]',
      ADDRESSLESS,
      (name) => shop.signUp(name, { email: `${name}@example.com` }),
    ],
    [
      'FORCE_CHANGE_PASSWORD, whoever asks [Q]',
      { LEGACY: refusedWith(WRONG_STATE), ENABLED: refusedWith(WRONG_STATE) },
      (name) =>
        house.sdk.send(
          new AdminCreateUserCommand({
            ...named(name),
            MessageAction: 'SUPPRESS',
            UserAttributes: attributeList(proven(name)),
          }),
        ),
    ],
    [
      'FORCE_CHANGE_PASSWORD by a temporary password that an administrator set',
      { LEGACY: refusedWith(WRONG_STATE), ENABLED: refusedWith(WRONG_STATE) },
      async (name) => {
        await shop.confirmed(name);
        await house.sdk.send(
          new AdminSetUserPasswordCommand({ ...named(name), Password: NEW_PASSWORD, Permanent: false }),
        );
      },
    ],
    [
      'disabled [Q, D]',
      { LEGACY: always(DISABLED), ENABLED: HIDDEN },
      async (name) => {
        await shop.confirmed(name);
        await house.sdk.send(new AdminDisableUserCommand(named(name)));
      },
    ],
    [
      'disabled and FORCE_CHANGE_PASSWORD',
      { LEGACY: always(DISABLED), ENABLED: HIDDEN },
      async (name) => {
        await house.sdk.send(
          new AdminCreateUserCommand({
            ...named(name),
            MessageAction: 'SUPPRESS',
            UserAttributes: attributeList(proven(name)),
          }),
        );
        await house.sdk.send(new AdminDisableUserCommand(named(name)));
      },
    ],
    ['CONFIRMED with no address', ADDRESSLESS, (name) => shop.confirmed(name, {})],
    [
      'CONFIRMED with an email that is not verified [Q, D]',
      ADDRESSLESS,
      (name) => shop.confirmed(name, { email: `${name}@example.com` }),
    ],
    ['no user', NOBODY, async () => {}],
  ];

  it.each(states)('%s', async (_, expected, make) => {
    for (const by of ['username', 'sub'] as const) {
      const stories = await shop.both(async () => {
        const username = newName();
        await make(username);
        const person = { username, to: `${username}@example.com` };
        const bySub = by === 'sub' && expected !== NOBODY;
        return { person, name: bySub ? await shop.subOf(username) : username };
      });
      expect(stories, by).toEqual(expected);
    }
  });
});
