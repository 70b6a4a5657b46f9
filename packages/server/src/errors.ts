/**
 * Every error a caller can meet, a line each: its public type and text. Texts are Amazon Cognito's, punctuation
 * included, because clients match on them. What went wrong inside travels as `cause` and goes to the log alone.
 */
export class ServiceError extends Error {
  /** The shape name on the wire, e.g. `UserNotFoundException`. */
  readonly type: string;
  readonly status: number;
  /** Whole seconds after which a new try makes sense: the header `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(
    type: string,
    message: string,
    status = 400,
    options?: ErrorOptions & { readonly retryAfter?: number },
  ) {
    super(message, options);
    this.name = type;
    this.type = type;
    this.status = status;
    this.retryAfter = options?.retryAfter;
  }
}

const make = (type: string) => (message: string) => new ServiceError(type, message);
const notAuthorized = make('NotAuthorizedException');
const invalidParameter = make('InvalidParameterException');
const notFound = make('ResourceNotFoundException');
const userNotFound = make('UserNotFoundException');
const expiredCode = make('ExpiredCodeException');
const codeMismatch = make('CodeMismatchException');
const limitExceeded = make('LimitExceededException');

// The wire
export const malformedRequest = (detail: string) => new ServiceError('SerializationException', detail);
export const unknownOperation = () =>
  new ServiceError(
    'UnknownOperationException',
    'X-Amz-Target names no operation of AWSCognitoIdentityProviderService.',
  );
export const requestTooLarge = () =>
  new ServiceError('RequestEntityTooLargeException', 'The request body is larger than 1 MiB.', 413);
export const operationNotSupported = (operation: string) =>
  new ServiceError('OperationNotSupportedException', `${operation} is not supported by Poolkeeper yet.`);
/** Every rate lets a request through again within a second. */
export const tooManyRequests = () =>
  new ServiceError('TooManyRequestsException', 'Rate exceeded', 400, { retryAfter: 1 });
export const internalError = (cause: unknown) =>
  new ServiceError('InternalErrorException', 'Internal error.', 500, { cause });
/** `count` is the number of all violations where only the first ones are repeated. */
export const validationFailed = (violations: readonly string[], count = violations.length) =>
  invalidParameter(`${count} validation error${count === 1 ? '' : 's'} detected: ${violations.join('; ')}`);
export const invalid = invalidParameter;
export const notObeyedYet = (member: string, detail = '') =>
  invalidParameter(`${member} is not supported by Poolkeeper yet${detail && `: ${detail}`}.`);

// Pools and app clients
/** Amazon Cognito's text, with that of Amazon SES in it (aws-cdk#18964). */
export const sesIdentityNotVerified = (region: string, arn: string) =>
  invalidParameter(
    `Cognito received the following error from Amazon SES when attempting to send email: Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${arn}`,
  );
export const noSuchConfigurationSet = (region: string, name: string) =>
  invalidParameter(
    `EmailConfiguration.ConfigurationSet: Amazon SES in ${region} has no configuration set ${name}.`,
  );
export const userPoolNotFound = (id: string) => notFound(`User pool ${id} does not exist.`);
export const clientNotFound = (id: string) => notFound(`User pool client ${id} does not exist.`);
export const deletionProtected = () =>
  invalidParameter(
    'The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.',
  );
export const featuresUnavailableInTier = (tier: string, features: readonly string[]) =>
  make('FeatureUnavailableInTierException')(
    `The following features need to be disabled for the ${tier} pricing tier configured: ${features.join(', ')}`,
  );
export const provenFirstNeedsAutoVerified = () =>
  invalidParameter(
    'All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes',
  );
export const attributeDataTypeMissing = () =>
  invalidParameter('Invalid AttributeDataType input, consider using the provided AttributeDataType enum.');
export const clientAttributesInvalid = (right: 'read' | 'write', doing: 'creating' | 'updating') =>
  invalidParameter(`Invalid ${right} attributes specified while ${doing} a client`);
export const secretHashWrong = (clientId: string) =>
  notAuthorized(`Unable to verify secret hash for client ${clientId}`);
export const secretHashMissing = (clientId: string) =>
  notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`);
/** Seen in 2019 and 2021 (pmill/aws-cognito#23, keivanK1/Cognito-Android-Studio#1). */
export const secretHashUnexpected = (clientId: string) =>
  invalidParameter(`App client ${clientId} is not configured for secret but secret hash was received`);
export const clientSecretWrong = (clientId: string) =>
  notAuthorized(`Unable to verify secret for client ${clientId}`);
/** RevokeToken knows no NotAuthorizedException. */
export const clientSecretUnauthorized = (clientId: string) =>
  make('UnauthorizedException')(`Unable to verify secret for client ${clientId}`);
export const noClientSecret = (clientId: string) =>
  invalidParameter(`App client ${clientId} is not configured for secret.`);
export const tooManyClientSecrets = () =>
  limitExceeded('An app client has two secrets at most. Delete one first.');
export const clientSecretTaken = () =>
  invalidParameter('ClientSecret is a secret of the app client already.');
export const clientSecretNotFound = (id: string) => notFound(`Client secret ${id} does not exist.`);
export const lastClientSecret = () => invalidParameter('The last secret of an app client cannot be deleted.');
/** The flows of administrators have a text without their name. */
export const flowNotEnabled = (flow = 'Auth') => invalidParameter(`${flow} flow not enabled for this client`);
export const flowNotForOperation = () => invalidParameter('Initiate Auth method not supported.');
export const customAuthNotConfigured = () =>
  invalidParameter('Custom auth lambda trigger is not configured for the user pool.');

// What a pool's MFA configuration and its other members demand of each other
export const smsNeededForMfa = () =>
  invalidParameter(
    'SMS configuration and Auto verification for phone_number are required when MFA is required/optional',
  );
export const mfaOffWithFactor = () =>
  invalidParameter("Invalid MFA configuration given, can't turn off MFA and configure an MFA together.");
export const mfaFactorMissing = () =>
  invalidParameter(
    'Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.',
  );
export const emailMfaNeedsDeveloperEmail = () =>
  invalidParameter(
    'Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT.',
  );
export const emailMfaNeedsOtherRecovery = () =>
  invalidParameter(
    'Cannot set EmailMfaConfiguration when user pool AccountRecoverySetting is not set or contains only verified_email in RecoveryMechanisms.',
  );
export const otpFirstFactorWithMfa = () =>
  invalidParameter(
    'Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled',
  );
export const phoneRecoveryWithSmsMfa = () =>
  invalidParameter(
    'Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number as a recovery mechanism when SMS MFA is configured.',
  );
export const passwordMustBeFirstFactor = () =>
  invalidParameter('Password should be configured as one of the allowed first auth factors.');

// Users
export const userNotFoundByName = () => userNotFound('Username/client id combination not found.');
export const userDoesNotExist = () => userNotFound('User does not exist.');
export const usernameExists = () => make('UsernameExistsException')('User already exists');
export const aliasTakenAtSignUp = (attribute: string) =>
  make('UsernameExistsException')(`An account with the given ${attribute} already exists.`);
export const aliasExists = (attribute: string) =>
  make('AliasExistsException')(`An account with the ${attribute} already exists.`);
export const userDisabled = () => notAuthorized('User is disabled.');
export const userNotConfirmed = () => make('UserNotConfirmedException')('User is not confirmed.');
export const cannotConfirm = (status: string) =>
  notAuthorized(`User cannot be confirmed. Current status is ${status}`);
export const alreadyConfirmed = () => invalidParameter('User is already confirmed.');
export const cannotResend = () => notAuthorized('Cannot resend codes. Auto verification not turned on.');
export const signUpNotPermitted = () => notAuthorized('SignUp is not permitted for this user pool');
export const attributeNotWritable = () => notAuthorized('A client attempted to write unauthorized attribute');
export const attributeNotMutable = (name: string) =>
  invalidParameter(`Cannot modify the non-mutable attribute ${name}`);
export const attributeValueMissing = (name: string) =>
  invalidParameter(`Attribute value for ${name} must not be null`);
export const attributeTypeUnknown = (name: string) =>
  invalidParameter(
    `Attributes did not conform to the schema: Type for attribute {${name}} could not be determined`,
  );
export const unknownAttributesRequested = () =>
  invalidParameter('One or more requested attributes do not exist.');
export const attributeMissing = (name: string) =>
  invalidParameter(`Invalid attributes given, ${name} is missing`);
export const alreadyProvided = (attribute: string) =>
  notAuthorized(`Cannot modify an already provided ${attribute}`);
export const unsupportedUserState = (message: string) => make('UnsupportedUserStateException')(message);

// Passwords and recovery
export const noEligibleAddress = () =>
  invalidParameter(
    'Cannot reset password for the user as there is no registered/verified email or phone_number',
  );
export const cannotResetInState = () => notAuthorized('User password cannot be reset in the current state.');
export const contactAdministrator = () => notAuthorized('Contact administrator to reset password.');
/**
 * Never with `Retry-After`, although the hour's end is known: AWS SDKs take LimitExceededException for throttling, try
 * again by themselves, and some would have their caller wait for that hour.
 */
export const attemptLimitExceeded = () =>
  limitExceeded('Attempt limit exceeded, please try after some time.');
/** Counted for all pools that send by COGNITO_DEFAULT together (Amplify UI's tests have the text from AWS). */
export const dailyEmailLimitExceeded = () =>
  limitExceeded(
    'Exceeded daily email limit for the operation or the account. If a higher limit is required, please configure your user pool to use your own Amazon SES configuration for sending email.',
  );
export const wrongCode = () => codeMismatch('Invalid verification code provided, please try again.');
export const codeExpired = () => expiredCode('Invalid code provided, please request a code again.');
/** For whoever asks, known or not: it tells the pool's ways and nothing of a user. */
export const channelNotOffered = (channels: readonly string[]) =>
  invalidParameter(`channel in ClientMetadata must be ${channels.join(' or ')} in this user pool.`);
/** A disabled user as AdminResetUserPassword tells it (amazon-cognito-identity-js#373): without the full stop. */
export const userDisabledAtReset = () => notAuthorized('User is disabled');
/** No text of Amazon Cognito's: it asks for no second factor here. */
export const resetFactorMissing = (keys: readonly string[]) =>
  invalidParameter(
    `A second factor is needed to reset the password: send ${keys.join(' or ')} in ClientMetadata.`,
  );
export const invalidPassword = make('InvalidPasswordException');
export const passwordCompromised = () =>
  invalidPassword('Provided password cannot be used for security reasons.');
/** Amazon Cognito's text is not known. */
export const passwordUsedBefore = () =>
  make('PasswordHistoryPolicyViolationException')('Password has previously been used.');

// Sign-in and tokens
export const wrongCredentials = () => notAuthorized('Incorrect username or password.');
export const passwordResetRequired = () =>
  make('PasswordResetRequiredException')('Password reset required for the user');
export const temporaryPasswordExpired = () =>
  notAuthorized('Temporary password has expired and must be reset by an administrator.');
export const invalidAccessToken = () => notAuthorized('Invalid Access Token');
export const accessTokenExpired = () => notAuthorized('Access Token has expired');
export const accessTokenRevoked = () => notAuthorized('Access Token has been revoked');
export const accessTokenLacksScope = () => notAuthorized('Access Token does not have required scopes');
export const invalidRefreshToken = () => notAuthorized('Invalid Refresh Token');
export const refreshTokenExpired = () => notAuthorized('Refresh Token has expired');
export const refreshTokenRevoked = () => notAuthorized('Refresh Token has been revoked');
export const refreshTokenReused = () => make('RefreshTokenReuseException')('Refresh token reuse detected.');
export const invalidSession = () => notAuthorized('Invalid session for the user.');
export const sessionExpired = () => notAuthorized('Invalid session for the user, session is expired.');
export const sessionUsed = () =>
  notAuthorized('Invalid session for the user, session can only be used once.');
export const wrongChallengeCode = () => codeMismatch('Invalid code or auth state for the user.');
export const wrongTokenCode = () => codeMismatch('Invalid code received for user');
export const softwareTokenUsed = () => expiredCode('Your software token has already been used once.');
export const passwordAttemptsExceeded = () => notAuthorized('Password attempts exceeded');
export const lockedOut = () =>
  notAuthorized(
    'Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.',
  );
/** Amazon Cognito spells it so. */
export const mfaMethodNotFound = () =>
  make('MFAMethodNotFoundException')('No MFA mechanism registerd in the account.');
export const softwareTokenNotEnabled = () =>
  make('SoftwareTokenMFANotFoundException')('Software Token MFA has not been enabled by the userPool');
export const softwareTokenMissing = () =>
  make('SoftwareTokenMFANotFoundException')('Software Token MFA does not exist for the user.');
export const softwareTokenNotVerified = () => invalidParameter('User has not verified software token mfa');
export const wrongSetUpCode = () =>
  make('EnableSoftwareTokenMFAException')('Code mismatch and fail enable Software Token MFA');
export const setUpCodeUsed = () =>
  make('EnableSoftwareTokenMFAException')('Your software token has already been used once.');
export const cannotTurnOn = (factor: string) =>
  invalidParameter(`User does not have delivery config set to turn on ${factor}`);
export const preferredNotEnabled = (factor: string) =>
  invalidParameter(`${factor} cannot be the preferred MFA method without being enabled.`);
export const severalPreferred = () => invalidParameter('Only one MFA method can be the preferred one.');
export const onlyPhoneNumberAsMfaOption = () =>
  invalidParameter('Only phone_number attribute is currently supported as a MFA option.');
export const noChallengeAvailable = () => notAuthorized('There are no available challenges for the user.');
export const revocationNotEnabled = () =>
  make('UnsupportedOperationException')('Revocation is not enabled on this client.');
export const revokesRefreshTokensOnly = () =>
  make('UnsupportedTokenTypeException')('Only refresh tokens can be revoked.');
export const tokenOfAnotherClient = () =>
  make('UnauthorizedException')('The token was issued to another client.');

// Triggers. The full stop after a function's own message is Amazon Cognito's.
export const functionThrew = (trigger: string, message: string) =>
  make('UserLambdaValidationException')(`${trigger} failed with error ${message}.`);
export const functionNotInvoked = (trigger: string, kind: string) =>
  make('UnexpectedLambdaException')(`${trigger} invocation failed due to error ${kind}.`);
export const unrecognizableLambdaOutput = () =>
  make('InvalidLambdaResponseException')('Unrecognizable lambda output');
/** Amazon Cognito's, 2017 (identity-js#521). */
export const messageEmpty = () => invalidParameter('The message is empty.');
/** Its text is Amazon Cognito's (aws-sdk-java#1049); its type is not known. */
export const verifiedButNotConfirmed = () =>
  make('InvalidLambdaResponseException')(
    'Phone or email cannot be auto verified, when user is not being auto confirmed.',
  );
export const verifiedButMissing = (attribute: string) =>
  make('InvalidLambdaResponseException')(
    `${attribute} cannot be auto verified, because the user has no such attribute.`,
  );
export const functionNotMapped = (member: string, arn: string) =>
  invalidParameter(
    `Poolkeeper does not know where to run the function of LambdaConfig.${member}. Start it with --function '${arn}=file:./handler.js', or with https://… or lambda: in place of the file.`,
  );
export const lambdaOutputNotJson = () =>
  make('InvalidLambdaResponseException')('Invalid lambda function output : Invalid JSON');

// Signatures. Texts of AWS's front; docs/access-keys.md says where they are known from.
export const missingAuthentication = () =>
  make('MissingAuthenticationTokenException')('Missing Authentication Token');
export const signatureIncomplete = make('IncompleteSignatureException');
export const signatureInvalid = make('InvalidSignatureException');
export const signatureMismatch = () =>
  signatureInvalid(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  );
export const headerNotSigned = (name: string) =>
  signatureInvalid(`${name} must be a 'SignedHeader' in the AWS Authorization.`);
export const unrecognizedClient = () =>
  make('UnrecognizedClientException')('The security token included in the request is invalid.');
export const accessDenied = (user: string, operation: string, resource: string) =>
  make('AccessDeniedException')(
    `User: ${user} is not authorized to perform: cognito-idp:${operation} on resource: ${resource} because no identity-based policy allows the cognito-idp:${operation} action`,
  );

// Delivery
/** Reported of a pool whose sender's address could not be used (identity-js#307). */
export const codeDeliveryFailed = () =>
  make('CodeDeliveryFailureException')('Invalid email provided/Unable to send the email');
export const emailRoleMayNotSend = () =>
  make('InvalidEmailRoleAccessPolicyException')('Role does not have permission to send with SES');
export const smsRoleNotTrusted = () =>
  make('InvalidSmsRoleTrustRelationshipException')(
    'Role does not have a trust relationship allowing Cognito to assume the role',
  );
export const smsRoleMayNotPublish = () =>
  make('InvalidSmsRoleAccessPolicyException')('Role does not have permission to publish with SNS');
/** Amazon Cognito's text is not known. */
export const eumRoleMayNotPublish = () =>
  make('InvalidSmsRoleAccessPolicyException')(
    'Role does not have permission to send with AWS End User Messaging SMS',
  );

// The operator's API, and what is Poolkeeper's own for end users
export const codesAreNotChecked = () =>
  notFound('Codes are not checked here: the setting recovery.checkCode of the user pool is false.');
export const recoveryCodesOff = () =>
  invalidParameter('Recovery codes are off in this user pool: its setting mfa.recoveryCodes is false.');
export const injectedFault = (type: string) =>
  new ServiceError(type, 'A fault injected by a test.', type.startsWith('Internal') ? 500 : 400);
export const noSuchEndpoint = (method: string, path: string) =>
  notFound(`The operator's API has no ${method} ${path}.`);
export const messageNotFound = (id: string) => notFound(`Message ${id.slice(0, 64)} does not exist.`);
export const messageNotSentAgain = (why: string) =>
  new ServiceError('ConflictException', `The message cannot be sent again. ${why}`, 409);
export const sandboxNumberNotFound = () => notFound('The phone number is not in the SMS sandbox.');
export const sandboxNumberVerified = () => invalidParameter('The phone number is verified already.');
export const tooManySandboxNumbers = (most: number) =>
  limitExceeded(`The SMS sandbox holds ${most} phone numbers at most. Delete one first.`);
/** Amazon SNS's type: wrong, too late, or guessed too often. */
export const oneTimePasswordWrong = () =>
  make('VerificationException')(
    'The one-time password is not the newest one of this phone number, or no longer valid.',
  );
export const smsNumberRefused = (why: string) => invalidParameter(why);
export const smsNotSent = (code: string, why: string) =>
  make('CodeDeliveryFailureException')(`The one-time password could not be sent (${code}). ${why}`);
export const foreignPage = (why: string) =>
  new ServiceError('AccessDeniedException', `Poolkeeper's dev mode: ${why}`, 403);
export const operatorTokenWrong = () =>
  new ServiceError('NotAuthorizedException', 'Send the admin token as Authorization: Bearer <token>.', 401);
export const operatorsAreNoBrowsers = () =>
  new ServiceError('AccessDeniedException', "The operator's API does not answer web pages.", 403);
export const tooManyGuesses = () =>
  new ServiceError(
    'TooManyRequestsException',
    'Too many wrong admin tokens from this address: try again in a minute.',
    429,
    { retryAfter: 60 },
  );
export const tooManyWaiting = (most: number) =>
  new ServiceError(
    'TooManyRequestsException',
    `${most} requests wait for messages already. Send waitMs=0, or try again later.`,
    429,
  );
