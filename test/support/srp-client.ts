import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

// AWS's own client is the judge of SRP. Its inner modules have no types.
type JsInteger = { toString(radix: number): string };
interface AwsHelper {
  getLargeAValue(callback: (error: Error | null, A: JsInteger) => void): void;
  getPasswordAuthenticationKey(
    userId: string,
    password: string,
    B: JsInteger,
    salt: JsInteger,
    callback: (error: Error | null, key: Uint8Array) => void,
  ): void;
}
const require = createRequire(import.meta.url);
const Helper: new (poolName: string) => AwsHelper =
  require('amazon-cognito-identity-js/lib/AuthenticationHelper.js').default;
const Integer: new (digits: string, radix: number) => JsInteger =
  require('amazon-cognito-identity-js/lib/BigInteger.js').default;
const DateHelper: new () => { getNowString(): string } =
  require('amazon-cognito-identity-js/lib/DateHelper.js').default;

/** The steps of an SRP sign-in one by one, for tests that do something between or against them. */
export function srpClient(poolId: string) {
  const poolName = poolId.slice(poolId.indexOf('_') + 1);
  const helper = new Helper(poolName);
  let srpA = '';
  helper.getLargeAValue((_, A) => {
    srpA = A.toString(16);
  });
  return {
    SRP_A: srpA,

    /** ChallengeResponses that prove `password` to PASSWORD_VERIFIER. */
    prove(challenge: Record<string, string> | undefined, password: string): Record<string, string> {
      const { SALT = '', SRP_B = '', SECRET_BLOCK = '', USER_ID_FOR_SRP = '' } = challenge ?? {};
      let key: Uint8Array = new Uint8Array();
      helper.getPasswordAuthenticationKey(
        USER_ID_FOR_SRP,
        password,
        new Integer(SRP_B, 16),
        new Integer(SALT, 16),
        (_, derived) => {
          key = derived;
        },
      );
      const timestamp = new DateHelper().getNowString();
      const signature = createHmac('sha256', key)
        .update(poolName)
        .update(USER_ID_FOR_SRP)
        .update(Buffer.from(SECRET_BLOCK, 'base64'))
        .update(timestamp)
        .digest('base64');
      return {
        USERNAME: USER_ID_FOR_SRP,
        PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: signature,
        TIMESTAMP: timestamp,
      };
    },
  };
}
