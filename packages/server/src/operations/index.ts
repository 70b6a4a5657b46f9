import type { OperationName } from '@poolkeeper/model';
import { operationNotSupported } from '../errors.ts';
import { deleteUser } from './account/delete-user.ts';
import { deleteUserAttributes } from './account/delete-user-attributes.ts';
import { getUser } from './account/get-user.ts';
import { getUserAttributeVerificationCode } from './account/get-user-attribute-verification-code.ts';
import { updateUserAttributes } from './account/update-user-attributes.ts';
import { verifyUserAttribute } from './account/verify-user-attribute.ts';
import { adminConfirmSignUp } from './admin-users/admin-confirm-sign-up.ts';
import { adminCreateUser } from './admin-users/admin-create-user.ts';
import { adminDeleteUser } from './admin-users/admin-delete-user.ts';
import { adminDeleteUserAttributes } from './admin-users/admin-delete-user-attributes.ts';
import { adminDisableUser } from './admin-users/admin-disable-user.ts';
import { adminEnableUser } from './admin-users/admin-enable-user.ts';
import { adminGetUser } from './admin-users/admin-get-user.ts';
import { adminUpdateUserAttributes } from './admin-users/admin-update-user-attributes.ts';
import { listUsers } from './admin-users/list-users.ts';
import { addUserPoolClientSecret } from './app-clients/add-user-pool-client-secret.ts';
import { createUserPoolClient } from './app-clients/create-user-pool-client.ts';
import { deleteUserPoolClient } from './app-clients/delete-user-pool-client.ts';
import { deleteUserPoolClientSecret } from './app-clients/delete-user-pool-client-secret.ts';
import { describeUserPoolClient } from './app-clients/describe-user-pool-client.ts';
import { listUserPoolClientSecrets } from './app-clients/list-user-pool-client-secrets.ts';
import { listUserPoolClients } from './app-clients/list-user-pool-clients.ts';
import { updateUserPoolClient } from './app-clients/update-user-pool-client.ts';
import { adminDeleteSoftwareToken } from './mfa/admin-delete-software-token.ts';
import { adminGetUserAuthFactors } from './mfa/admin-get-user-auth-factors.ts';
import { adminSetUserMfaPreference } from './mfa/admin-set-user-mfa-preference.ts';
import { adminSetUserSettings } from './mfa/admin-set-user-settings.ts';
import { associateSoftwareToken } from './mfa/associate-software-token.ts';
import { getUserAuthFactors } from './mfa/get-user-auth-factors.ts';
import { setUserMfaPreference } from './mfa/set-user-mfa-preference.ts';
import { setUserSettings } from './mfa/set-user-settings.ts';
import { verifySoftwareToken } from './mfa/verify-software-token.ts';
import type { Operation } from './operation.ts';
import { adminResetUserPassword } from './recovery/admin-reset-user-password.ts';
import { adminSetUserPassword } from './recovery/admin-set-user-password.ts';
import { changePassword } from './recovery/change-password.ts';
import { confirmForgotPassword } from './recovery/confirm-forgot-password.ts';
import { forgotPassword } from './recovery/forgot-password.ts';
import { adminInitiateAuth } from './sign-in/admin-initiate-auth.ts';
import { adminRespondToAuthChallenge } from './sign-in/admin-respond-to-auth-challenge.ts';
import { adminUserGlobalSignOut } from './sign-in/admin-user-global-sign-out.ts';
import { getTokensFromRefreshToken } from './sign-in/get-tokens-from-refresh-token.ts';
import { globalSignOut } from './sign-in/global-sign-out.ts';
import { initiateAuth } from './sign-in/initiate-auth.ts';
import { respondToAuthChallenge } from './sign-in/respond-to-auth-challenge.ts';
import { revokeToken } from './sign-in/revoke-token.ts';
import { confirmSignUp } from './sign-up/confirm-sign-up.ts';
import { resendConfirmationCode } from './sign-up/resend-confirmation-code.ts';
import { signUp } from './sign-up/sign-up.ts';
import { addCustomAttributes } from './user-pools/add-custom-attributes.ts';
import { createUserPool } from './user-pools/create-user-pool.ts';
import { deleteUserPool } from './user-pools/delete-user-pool.ts';
import { describeUserPool } from './user-pools/describe-user-pool.ts';
import { getUserPoolMfaConfig } from './user-pools/get-user-pool-mfa-config.ts';
import { listUserPools } from './user-pools/list-user-pools.ts';
import { setUserPoolMfaConfig } from './user-pools/set-user-pool-mfa-config.ts';
import { updateUserPool } from './user-pools/update-user-pool.ts';

/** Operations of the API that this server does not have yet. The wire says so, by name, whatever their input. */
export const unsupported = new Set<OperationName>();
const notYet = (name: OperationName) => {
  unsupported.add(name);
  return async (): Promise<never> => {
    throw operationNotSupported(name);
  };
};

/** Every operation of the API, one line each. */
export const operations = {
  AddCustomAttributes: addCustomAttributes,
  AddUserPoolClientSecret: addUserPoolClientSecret,
  AdminAddUserToGroup: notYet('AdminAddUserToGroup'),
  AdminConfirmSignUp: adminConfirmSignUp,
  AdminCreateUser: adminCreateUser,
  AdminDeleteSoftwareToken: adminDeleteSoftwareToken,
  AdminDeleteUser: adminDeleteUser,
  AdminDeleteUserAttributes: adminDeleteUserAttributes,
  AdminDisableProviderForUser: notYet('AdminDisableProviderForUser'),
  AdminDisableUser: adminDisableUser,
  AdminEnableUser: adminEnableUser,
  AdminForgetDevice: notYet('AdminForgetDevice'),
  AdminGetDevice: notYet('AdminGetDevice'),
  AdminGetUser: adminGetUser,
  AdminGetUserAuthFactors: adminGetUserAuthFactors,
  AdminInitiateAuth: adminInitiateAuth,
  AdminLinkProviderForUser: notYet('AdminLinkProviderForUser'),
  AdminListDevices: notYet('AdminListDevices'),
  AdminListGroupsForUser: notYet('AdminListGroupsForUser'),
  AdminListUserAuthEvents: notYet('AdminListUserAuthEvents'),
  AdminListUserSessions: notYet('AdminListUserSessions'),
  AdminRemoveUserFromGroup: notYet('AdminRemoveUserFromGroup'),
  AdminResetUserPassword: adminResetUserPassword,
  AdminRespondToAuthChallenge: adminRespondToAuthChallenge,
  AdminRevokeUserSession: notYet('AdminRevokeUserSession'),
  AdminSetUserMFAPreference: adminSetUserMfaPreference,
  AdminSetUserPassword: adminSetUserPassword,
  AdminSetUserSettings: adminSetUserSettings,
  AdminUpdateAuthEventFeedback: notYet('AdminUpdateAuthEventFeedback'),
  AdminUpdateDeviceStatus: notYet('AdminUpdateDeviceStatus'),
  AdminUpdateUserAttributes: adminUpdateUserAttributes,
  AdminUserGlobalSignOut: adminUserGlobalSignOut,
  AssociateSoftwareToken: associateSoftwareToken,
  ChangePassword: changePassword,
  CompleteWebAuthnRegistration: notYet('CompleteWebAuthnRegistration'),
  ConfirmDevice: notYet('ConfirmDevice'),
  ConfirmForgotPassword: confirmForgotPassword,
  ConfirmSignUp: confirmSignUp,
  CreateGroup: notYet('CreateGroup'),
  CreateIdentityProvider: notYet('CreateIdentityProvider'),
  CreateManagedLoginBranding: notYet('CreateManagedLoginBranding'),
  CreateResourceServer: notYet('CreateResourceServer'),
  CreateTerms: notYet('CreateTerms'),
  CreateUserImportJob: notYet('CreateUserImportJob'),
  CreateUserPool: createUserPool,
  CreateUserPoolClient: createUserPoolClient,
  CreateUserPoolDomain: notYet('CreateUserPoolDomain'),
  CreateUserPoolReplica: notYet('CreateUserPoolReplica'),
  DeleteGroup: notYet('DeleteGroup'),
  DeleteIdentityProvider: notYet('DeleteIdentityProvider'),
  DeleteManagedLoginBranding: notYet('DeleteManagedLoginBranding'),
  DeleteResourceServer: notYet('DeleteResourceServer'),
  DeleteTerms: notYet('DeleteTerms'),
  DeleteUser: deleteUser,
  DeleteUserAttributes: deleteUserAttributes,
  DeleteUserPool: deleteUserPool,
  DeleteUserPoolClient: deleteUserPoolClient,
  DeleteUserPoolClientSecret: deleteUserPoolClientSecret,
  DeleteUserPoolDomain: notYet('DeleteUserPoolDomain'),
  DeleteUserPoolReplica: notYet('DeleteUserPoolReplica'),
  DeleteWebAuthnCredential: notYet('DeleteWebAuthnCredential'),
  DescribeIdentityProvider: notYet('DescribeIdentityProvider'),
  DescribeManagedLoginBranding: notYet('DescribeManagedLoginBranding'),
  DescribeManagedLoginBrandingByClient: notYet('DescribeManagedLoginBrandingByClient'),
  DescribeResourceServer: notYet('DescribeResourceServer'),
  DescribeRiskConfiguration: notYet('DescribeRiskConfiguration'),
  DescribeTerms: notYet('DescribeTerms'),
  DescribeTermsByClient: notYet('DescribeTermsByClient'),
  DescribeUserImportJob: notYet('DescribeUserImportJob'),
  DescribeUserPool: describeUserPool,
  DescribeUserPoolClient: describeUserPoolClient,
  DescribeUserPoolDomain: notYet('DescribeUserPoolDomain'),
  ForgetDevice: notYet('ForgetDevice'),
  ForgotPassword: forgotPassword,
  GetCSVHeader: notYet('GetCSVHeader'),
  GetClientToken: notYet('GetClientToken'),
  GetDevice: notYet('GetDevice'),
  GetGroup: notYet('GetGroup'),
  GetIdentityProviderByIdentifier: notYet('GetIdentityProviderByIdentifier'),
  GetLogDeliveryConfiguration: notYet('GetLogDeliveryConfiguration'),
  GetProvisionedLimit: notYet('GetProvisionedLimit'),
  GetSigningCertificate: notYet('GetSigningCertificate'),
  GetTokensFromRefreshToken: getTokensFromRefreshToken,
  GetUICustomization: notYet('GetUICustomization'),
  GetUser: getUser,
  GetUserAttributeVerificationCode: getUserAttributeVerificationCode,
  GetUserAuthFactors: getUserAuthFactors,
  GetUserPoolClientSessionConfiguration: notYet('GetUserPoolClientSessionConfiguration'),
  GetUserPoolMfaConfig: getUserPoolMfaConfig,
  GetUserPoolSessionConfiguration: notYet('GetUserPoolSessionConfiguration'),
  GlobalSignOut: globalSignOut,
  InitiateAuth: initiateAuth,
  ListDevices: notYet('ListDevices'),
  ListGroups: notYet('ListGroups'),
  ListIdentityProviders: notYet('ListIdentityProviders'),
  ListResourceServers: notYet('ListResourceServers'),
  ListTagsForResource: notYet('ListTagsForResource'),
  ListTerms: notYet('ListTerms'),
  ListUserImportJobs: notYet('ListUserImportJobs'),
  ListUserPoolClientSecrets: listUserPoolClientSecrets,
  ListUserPoolClients: listUserPoolClients,
  ListUserPoolReplicas: notYet('ListUserPoolReplicas'),
  ListUserPools: listUserPools,
  ListUserSessions: notYet('ListUserSessions'),
  ListUsers: listUsers,
  ListUsersInGroup: notYet('ListUsersInGroup'),
  ListWebAuthnCredentials: notYet('ListWebAuthnCredentials'),
  ResendConfirmationCode: resendConfirmationCode,
  RespondToAuthChallenge: respondToAuthChallenge,
  RevokeToken: revokeToken,
  RevokeUserSession: notYet('RevokeUserSession'),
  SetLogDeliveryConfiguration: notYet('SetLogDeliveryConfiguration'),
  SetRiskConfiguration: notYet('SetRiskConfiguration'),
  SetUICustomization: notYet('SetUICustomization'),
  SetUserMFAPreference: setUserMfaPreference,
  SetUserPoolClientSessionConfiguration: notYet('SetUserPoolClientSessionConfiguration'),
  SetUserPoolMfaConfig: setUserPoolMfaConfig,
  SetUserPoolSessionConfiguration: notYet('SetUserPoolSessionConfiguration'),
  SetUserSettings: setUserSettings,
  SignUp: signUp,
  StartUserImportJob: notYet('StartUserImportJob'),
  StartWebAuthnRegistration: notYet('StartWebAuthnRegistration'),
  StopUserImportJob: notYet('StopUserImportJob'),
  TagResource: notYet('TagResource'),
  UntagResource: notYet('UntagResource'),
  UpdateAuthEventFeedback: notYet('UpdateAuthEventFeedback'),
  UpdateDeviceStatus: notYet('UpdateDeviceStatus'),
  UpdateGroup: notYet('UpdateGroup'),
  UpdateIdentityProvider: notYet('UpdateIdentityProvider'),
  UpdateManagedLoginBranding: notYet('UpdateManagedLoginBranding'),
  UpdateProvisionedLimit: notYet('UpdateProvisionedLimit'),
  UpdateResourceServer: notYet('UpdateResourceServer'),
  UpdateTerms: notYet('UpdateTerms'),
  UpdateUserAttributes: updateUserAttributes,
  UpdateUserPool: updateUserPool,
  UpdateUserPoolClient: updateUserPoolClient,
  UpdateUserPoolDomain: notYet('UpdateUserPoolDomain'),
  UpdateUserPoolReplica: notYet('UpdateUserPoolReplica'),
  VerifySoftwareToken: verifySoftwareToken,
  VerifyUserAttribute: verifyUserAttribute,
} satisfies { [Name in OperationName]: Operation<Name> };
