import type {
  CreateUserPoolClientRequest,
  ExplicitAuthFlowsType,
  TimeUnitsType,
  UpdateUserPoolClientRequest,
  UserPoolClientType,
} from '@poolkeeper/model';
import { invalid, notObeyedYet } from '../../errors.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../platform/duration.ts';
import type { Present } from './present.ts';

/** What an app client was configured to, with Amazon Cognito's defaults filled in. */
export type ClientConfig = Pick<
  UserPoolClientType,
  | 'AccessTokenValidity'
  | 'IdTokenValidity'
  | 'ReadAttributes'
  | 'WriteAttributes'
  | 'RefreshTokenRotation'
  | 'SupportedIdentityProviders'
> &
  Present<
    Pick<
      UserPoolClientType,
      | 'AuthSessionValidity'
      | 'EnableTokenRevocation'
      | 'ExplicitAuthFlows'
      | 'PreventUserExistenceErrors'
      | 'RefreshTokenValidity'
      | 'TokenValidityUnits'
    >
  >;

type Settable = Omit<UpdateUserPoolClientRequest, 'UserPoolId' | 'ClientId' | 'ClientName'>;

const isEmptyList = (value: readonly unknown[]) => value.length === 0;

/** Members that Poolkeeper does not obey yet, with the values that ask for nothing and are therefore accepted. */
const refused: { [Member in keyof Settable]?: (value: NonNullable<Settable[Member]>) => boolean } = {
  SupportedIdentityProviders: (value) => value.every((provider) => provider === 'COGNITO'),
  CallbackURLs: isEmptyList,
  LogoutURLs: isEmptyList,
  DefaultRedirectURI: () => false,
  AllowedOAuthFlows: isEmptyList,
  AllowedOAuthScopes: isEmptyList,
  AllowedOAuthFlowsUserPoolClient: (value) => !value,
  AnalyticsConfiguration: () => false,
  EnablePropagateAdditionalUserContextData: (value) => !value,
};

const UNIT: Record<TimeUnitsType, number> = { seconds: SECOND, minutes: MINUTE, hours: HOUR, days: DAY };

/** Throws InvalidParameterException. */
export function clientConfigOf(input: Settable | CreateUserPoolClientRequest): ClientConfig {
  for (const [member, asksNothing] of Object.entries(refused)) {
    const value = input[member as keyof Settable];
    if (value !== undefined && !(asksNothing as (value: unknown) => boolean)(value)) {
      throw notObeyedYet(member);
    }
  }
  const config: ClientConfig = {
    RefreshTokenValidity: input.RefreshTokenValidity || 30,
    ...(input.AccessTokenValidity && { AccessTokenValidity: input.AccessTokenValidity }),
    ...(input.IdTokenValidity && { IdTokenValidity: input.IdTokenValidity }),
    TokenValidityUnits: {
      AccessToken: input.TokenValidityUnits?.AccessToken ?? 'hours',
      IdToken: input.TokenValidityUnits?.IdToken ?? 'hours',
      RefreshToken: input.TokenValidityUnits?.RefreshToken ?? 'days',
    },
    ...(input.ReadAttributes?.length && { ReadAttributes: input.ReadAttributes }),
    ...(input.WriteAttributes?.length && { WriteAttributes: input.WriteAttributes }),
    ...(input.SupportedIdentityProviders?.length && {
      SupportedIdentityProviders: input.SupportedIdentityProviders,
    }),
    ExplicitAuthFlows: authFlows(input.ExplicitAuthFlows),
    PreventUserExistenceErrors: input.PreventUserExistenceErrors ?? 'LEGACY',
    EnableTokenRevocation: input.EnableTokenRevocation ?? true,
    AuthSessionValidity: input.AuthSessionValidity ?? 3,
    ...(input.RefreshTokenRotation && { RefreshTokenRotation: input.RefreshTokenRotation }),
  };
  checkValidity(config);
  return config;
}

function authFlows(given: readonly ExplicitAuthFlowsType[] | undefined): readonly ExplicitAuthFlowsType[] {
  if (given === undefined || given.length === 0) {
    return ['ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'];
  }
  const modern = given.filter((flow) => flow.startsWith('ALLOW_'));
  if (modern.length > 0 && modern.length < given.length) {
    throw invalid('ExplicitAuthFlows values with and without the ALLOW_ prefix cannot be combined.');
  }
  return given;
}

function checkValidity(config: ClientConfig): void {
  const { accessToken, idToken, refreshToken } = tokenLifetimes(config);
  for (const [member, lifetime] of [
    ['AccessTokenValidity', accessToken],
    ['IdTokenValidity', idToken],
  ] as const) {
    if (lifetime < 5 * MINUTE || lifetime > DAY)
      throw invalid(`${member} must be between 5 minutes and 1 day.`);
    if (lifetime > refreshToken) throw invalid(`${member} must not be longer than RefreshTokenValidity.`);
  }
  if (refreshToken < HOUR || refreshToken > 3650 * DAY) {
    throw invalid('RefreshTokenValidity must be between 60 minutes and 10 years.');
  }
}

/** Milliseconds each kind of token is good for. */
export function tokenLifetimes(config: ClientConfig) {
  const units = config.TokenValidityUnits;
  return {
    accessToken:
      (config.AccessTokenValidity ?? 1) *
      UNIT[config.AccessTokenValidity ? (units.AccessToken ?? 'hours') : 'hours'],
    idToken:
      (config.IdTokenValidity ?? 1) * UNIT[config.IdTokenValidity ? (units.IdToken ?? 'hours') : 'hours'],
    refreshToken: config.RefreshTokenValidity * UNIT[units.RefreshToken ?? 'days'],
  };
}

/**
 * Whether passwords may be proved by SRP: by ALLOW_USER_SRP_AUTH, by every old-style list, by ALLOW_USER_AUTH, whose
 * users may choose PASSWORD_SRP, and by ALLOW_CUSTOM_AUTH, where it may be the first challenge.
 */
export const allowsSrp = (config: ClientConfig) =>
  (['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_CUSTOM_AUTH'] as const).some((flow) =>
    allows(config, flow),
  );

const OLD_STYLE: Partial<Record<ExplicitAuthFlowsType, ExplicitAuthFlowsType>> = {
  ALLOW_ADMIN_USER_PASSWORD_AUTH: 'ADMIN_NO_SRP_AUTH',
  ALLOW_USER_PASSWORD_AUTH: 'USER_PASSWORD_AUTH',
  ALLOW_CUSTOM_AUTH: 'CUSTOM_AUTH_FLOW_ONLY',
};

/** Whether the client may use a flow, in the old spelling of ExplicitAuthFlows as well as in the new. */
export function allows(config: ClientConfig, flow: ExplicitAuthFlowsType): boolean {
  const flows = config.ExplicitAuthFlows;
  if (flows.includes(flow)) return true;
  if (flows.some((entry) => entry.startsWith('ALLOW_'))) return false;
  if (flow === 'ALLOW_REFRESH_TOKEN_AUTH') return true;
  if (flow === 'ALLOW_USER_SRP_AUTH') return !flows.includes('CUSTOM_AUTH_FLOW_ONLY');
  const old = OLD_STYLE[flow];
  return old !== undefined && flows.includes(old);
}
