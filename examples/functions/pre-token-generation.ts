import type { PreTokenGenerationV2TriggerHandler } from 'aws-lambda';

/** Tells the app's back end which tenant a user belongs to, in both tokens. */
export const handler: PreTokenGenerationV2TriggerHandler = async (event) => {
  const tenant = event.request.userAttributes['custom:tenant'] ?? 'none';
  event.response.claimsAndScopeOverrideDetails = {
    idTokenGeneration: { claimsToAddOrOverride: { tenant } },
    accessTokenGeneration: { claimsToAddOrOverride: { tenant }, scopesToAdd: [`tenant/${tenant}`] },
  };
  return event;
};
