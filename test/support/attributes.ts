import type { AttributeType } from '@aws-sdk/client-cognito-identity-provider';

/** `{ email: 'a@b.c' }` as the API lists attributes. */
export const attributeList = (values: Record<string, string>): AttributeType[] =>
  Object.entries(values).map(([Name, Value]) => ({ Name, Value }));
