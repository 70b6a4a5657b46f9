import type { AttributeType, SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider';

/** `{ email: 'a@b.c' }` as the API lists attributes. */
export const attributeList = (values: Record<string, string>): AttributeType[] =>
  Object.entries(values).map(([Name, Value]) => ({ Name, Value }));

/** A member of a pool's `Schema`: a text of so many characters. */
export const textAttribute = (Name: string, MinLength: string, MaxLength: string): SchemaAttributeType => ({
  Name,
  AttributeDataType: 'String',
  Mutable: true,
  StringAttributeConstraints: { MinLength, MaxLength },
});

/** A number, within `MinValue` and `MaxValue`. */
export const numberAttribute = (Name: string, bounds: object = {}): SchemaAttributeType => ({
  Name,
  AttributeDataType: 'Number',
  Mutable: true,
  NumberAttributeConstraints: bounds,
});
