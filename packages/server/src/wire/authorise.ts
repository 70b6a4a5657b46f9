import { type OperationName, operations } from '@poolkeeper/model';
import type { AccessKey } from '../domain/access-keys/access-key.ts';
import { ACCOUNT, userPoolArn } from '../domain/pools/describe.ts';
import type { Services } from '../domain/services.ts';
import { accessDenied, signatureMismatch, unrecognizedClient } from '../errors.ts';
import type { Audit, AuditedCall } from '../platform/audit.ts';
import { newAccessKeyId, newAccessKeySecret } from '../platform/random.ts';
import { createSignatureVerifier } from './sigv4.ts';
import { claimedAccessKeyId, readClaim } from './sigv4-claim.ts';
import type { WireRequest } from './wire-request.ts';

/** A call that must be signed, from its arrival to its line in the log. */
export interface AdministrativeCall {
  /** Throws what AWS's front answers to a signature that is missing, wrong or stale. */
  authenticate(): Promise<void>;
  /** Throws AccessDeniedException where the key may not do this. */
  admit(input: object): void;
  /** `outcome` is `ok` or the type of an error. */
  end(outcome: string): void;
}

/** Opens a call of an operation whose callers sign; undefined for the others, whatever their headers say. */
export type Authorise = (operation: OperationName, request: WireRequest) => AdministrativeCall | undefined;

/** The operations among those that are signed which change nothing. */
export const onlyReads = (operation: OperationName) => /^(?:Admin)?(?:Describe|Get|List)/.test(operation);

/** The pool that a call is about; undefined where it is about none, or about all of them. */
export function userPoolOf(input: object): string | undefined {
  const { UserPoolId: id, ResourceArn: arn } = input as { UserPoolId?: string; ResourceArn?: string };
  return id ?? (arn === undefined ? undefined : /:userpool\/([\w-]+)$/.exec(arn)?.[1]);
}

export function createAuthorise({ region, clock, accessKeys }: Services, audit: Audit): Authorise {
  const scope = { region, service: 'cognito-idp' };
  const verifier = createSignatureVerifier(scope);
  // A key that does not exist costs the work of one that does.
  const nobody = { id: newAccessKeyId(), secret: newAccessKeySecret() };

  async function authenticated(request: WireRequest): Promise<AccessKey> {
    const claim = readClaim(request, scope, clock.now());
    const key = await accessKeys.live(claim.accessKeyId);
    const matches = verifier.matches(request, claim, key ?? nobody);
    if (key === undefined) throw unrecognizedClient();
    if (!matches) throw signatureMismatch();
    // Access keys have no sessions, so no session's token is known.
    if (claim.headers.has('x-amz-security-token')) throw unrecognizedClient();
    return key;
  }

  return (operation, request) => {
    if (operations[operation].auth !== 'sigv4') return undefined;
    let key: AccessKey | undefined;
    let facts: Pick<AuditedCall, 'userPoolId' | 'clientId' | 'username'> = {};
    return {
      async authenticate() {
        key = await authenticated(request);
      },
      admit(input) {
        const userPoolId = userPoolOf(input);
        const { ClientId: clientId, Username: username } = input as { ClientId?: string; Username?: string };
        facts = { userPoolId, clientId, username };
        if (key === undefined || !mayCall(key, operation, userPoolId)) {
          throw accessDenied(
            `arn:aws:iam::${ACCOUNT}:user/${key?.id}`,
            operation,
            userPoolId === undefined ? '*' : userPoolArn(region, userPoolId),
          );
        }
      },
      end(outcome) {
        audit[key === undefined ? 'refused' : 'line']({
          requestId: request.requestId,
          operation,
          accessKeyId: key?.id ?? claimedAccessKeyId(request),
          ...facts,
          sourceIp: request.sourceIp,
          outcome,
        });
      },
    };
  };
}

const mayCall = (key: AccessKey, operation: OperationName, userPoolId: string | undefined) =>
  (!key.readOnly || onlyReads(operation)) && (key.poolId === undefined || key.poolId === userPoolId);
