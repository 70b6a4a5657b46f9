import { describe, expect, test } from 'vitest';
import {
  defaultSettings,
  settingsFromJson,
  settingsToJson,
  storedSettings,
} from '../../packages/server/src/domain/pools/settings.ts';

const read = (json: unknown) => settingsFromJson(json, defaultSettings);

describe('settings beyond Amazon Cognito', () => {
  test('are off or what Amazon Cognito does, until they are set', () => {
    const { recovery, limits, mfa } = settingsToJson(defaultSettings);
    expect({ recovery, limits, mfa }).toEqual({
      recovery: {
        attemptsPerHour: 5,
        codeLifetime: 'PT1H',
        codeLength: 6,
        secondFactor: false,
        revokeSessions: false,
        states: [],
        chooseChannel: false,
        previousAddressGrace: 'PT0S',
        checkCode: false,
        recordsKeptFor: 'P7D',
      },
      limits: {
        resendConfirmationCode: 5,
        confirmSignUp: 15,
        changePassword: 5,
        getUserAttributeVerificationCode: 5,
        verifyUserAttribute: 15,
      },
      mfa: { recoveryCodes: false },
    });
  });

  test('that are shown can be sent back and mean the same', () => {
    const changed = read({
      recovery: {
        codeLifetime: 'PT90M',
        codeLength: 8,
        states: ['UNCONFIRMED', 'FORCE_CHANGE_PASSWORD'],
        previousAddressGrace: 'P1DT1H',
        recordsKeptFor: 'PT48H',
      },
      limits: { confirmSignUp: 0 },
    });
    expect(settingsToJson(changed)).toMatchObject({
      recovery: {
        codeLifetime: 'PT1H30M',
        states: ['FORCE_CHANGE_PASSWORD', 'UNCONFIRMED'],
        previousAddressGrace: 'PT25H',
        recordsKeptFor: 'P2D',
      },
    });
    expect(settingsFromJson(settingsToJson(changed), defaultSettings)).toEqual(changed);
  });

  test('that were stored before others existed get the defaults of those', () => {
    const stored = storedSettings('{"recovery":{"attemptsPerHour":7,"codeLifetime":60000}}');
    expect(stored).toEqual({
      ...defaultSettings,
      recovery: { ...defaultSettings.recovery, attemptsPerHour: 7, codeLifetime: 60_000 },
    });
    expect(storedSettings('{}')).toEqual(defaultSettings);
  });

  test('change by what is named, section by section', () => {
    const once = read({ limits: { changePassword: 9 } });
    expect(settingsFromJson({ recovery: { checkCode: true } }, once)).toEqual({
      ...defaultSettings,
      recovery: { ...defaultSettings.recovery, checkCode: true },
      limits: { ...defaultSettings.limits, changePassword: 9 },
    });
  });

  const PER_HOUR = 'must be an integer from 0 (no limit) to 1000000.';
  const STATES = 'recovery.states must be a list of FORCE_CHANGE_PASSWORD and UNCONFIRMED, each once at most';
  test.each([
    [{ recovery: { codeLength: 5 } }, 'recovery.codeLength must be an integer from 6 to 12.'],
    [{ recovery: { codeLength: 13 } }, 'recovery.codeLength must be an integer from 6 to 12.'],
    [{ recovery: { codeLength: '8' } }, 'recovery.codeLength must be an integer from 6 to 12.'],
    [{ recovery: { codeLifetime: 'PT59S' } }, 'recovery.codeLifetime must be an ISO 8601 duration from PT1M'],
    [{ recovery: { codeLifetime: 'PT25H' } }, 'recovery.codeLifetime must be an ISO 8601 duration from PT1M'],
    [{ recovery: { codeLifetime: 3600 } }, 'recovery.codeLifetime must be an ISO 8601 duration from PT1M'],
    [{ recovery: { attemptsPerHour: -1 } }, `recovery.attemptsPerHour ${PER_HOUR}`],
    [{ recovery: { attemptsPerHour: 1_000_001 } }, `recovery.attemptsPerHour ${PER_HOUR}`],
    [{ recovery: { states: 'UNCONFIRMED' } }, STATES],
    [{ recovery: { states: ['CONFIRMED'] } }, STATES],
    [{ recovery: { states: ['UNCONFIRMED', 'UNCONFIRMED'] } }, STATES],
    [{ recovery: { states: [null] } }, STATES],
    [{ recovery: { states: null } }, STATES],
    [{ recovery: { chooseChannel: 1 } }, 'recovery.chooseChannel must be true or false.'],
    [{ recovery: { revokeSessions: null } }, 'recovery.revokeSessions must be true or false.'],
    [{ recovery: { checkCode: 'true' } }, 'recovery.checkCode must be true or false.'],
    [{ recovery: { previousAddressGrace: 'P91D' } }, 'recovery.previousAddressGrace must be an ISO 8601'],
    [{ recovery: { previousAddressGrace: false } }, 'recovery.previousAddressGrace must be an ISO 8601'],
    [{ recovery: { recordsKeptFor: 'P401D' } }, 'recovery.recordsKeptFor must be an ISO 8601 duration'],
    [{ limits: { confirmSignUp: 1.5 } }, `limits.confirmSignUp ${PER_HOUR}`],
    [{ limits: { signUp: 1 } }, 'limits.signUp is not supported by Poolkeeper yet.'],
    [{ limits: null, recovery: [] }, 'recovery must be an object.'],
    [JSON.parse('{"recovery":{"__proto__":1}}'), 'recovery.__proto__ is not supported by Poolkeeper yet.'],
    [JSON.parse('{"__proto__":{}}'), 'Unknown setting __proto__.'],
    [{ [`x${'y'.repeat(100)}`]: 1 }, `Unknown setting x${'y'.repeat(63)}.`],
  ])('refuse %j', (json, message) => {
    expect(() => read(json)).toThrow(message);
  });
});
