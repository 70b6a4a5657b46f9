import type { AttributeDataType, SchemaAttributeType } from '@poolkeeper/model';
import { invalid, notObeyedYet } from '../../errors.ts';

const text = (name: string, min = '0', max = '2048'): SchemaAttributeType => ({
  Name: name,
  AttributeDataType: 'String',
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
  StringAttributeConstraints: { MinLength: min, MaxLength: max },
});
const flag = (name: string): SchemaAttributeType => ({
  Name: name,
  AttributeDataType: 'Boolean',
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
});

/** The attributes that every pool has, as DescribeUserPool lists them (OpenID Connect Core §5.1). */
const standardAttributes: readonly SchemaAttributeType[] = [
  { ...text('sub', '1'), Mutable: false, Required: true },
  ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username'].map((name) =>
    text(name),
  ),
  ...['profile', 'picture', 'website', 'email'].map((name) => text(name)),
  flag('email_verified'),
  text('gender'),
  text('birthdate', '10', '10'),
  ...['zoneinfo', 'locale', 'phone_number'].map((name) => text(name)),
  flag('phone_number_verified'),
  text('address'),
  {
    Name: 'updated_at',
    AttributeDataType: 'Number',
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    NumberAttributeConstraints: { MinValue: '0' },
  },
];
const standardNames = new Set(standardAttributes.map((attribute) => attribute.Name));
const MAX_CUSTOM_ATTRIBUTES = 50;
const MAX_CUSTOM_NAME = 20;
const constrained: Record<
  AttributeDataType,
  'StringAttributeConstraints' | 'NumberAttributeConstraints' | undefined
> = {
  String: 'StringAttributeConstraints',
  Number: 'NumberAttributeConstraints',
  DateTime: undefined,
  Boolean: undefined,
};

/** A pool's schema from CreateUserPool's `Schema`: the standard attributes, as it changes them, and custom ones. */
export function schemaOf(requested: readonly SchemaAttributeType[]): SchemaAttributeType[] {
  const changes = new Map(requested.map((attribute) => [attribute.Name ?? '', attribute]));
  const standard = standardAttributes.map((attribute) => {
    const change = changes.get(attribute.Name as string);
    return change === undefined ? attribute : changedStandard(attribute, change);
  });
  const custom = requested.filter((attribute) => !standardNames.has(attribute.Name));
  return withCustomAttributes(standard, custom);
}

/** The schema with `added` under the `custom:` prefix. Throws InvalidParameterException. */
export function withCustomAttributes(
  schema: readonly SchemaAttributeType[],
  added: readonly SchemaAttributeType[],
): SchemaAttributeType[] {
  const result = [...schema, ...added.map(customAttribute)];
  const names = new Set<string>();
  for (const { Name: name } of result) {
    if (names.has(name as string)) throw invalid(`${name}: Existing attribute already has name ${name}.`);
    names.add(name as string);
  }
  if (result.length - standardAttributes.length > MAX_CUSTOM_ATTRIBUTES) {
    throw invalid(`A user pool has at most ${MAX_CUSTOM_ATTRIBUTES} custom attributes.`);
  }
  return result;
}

function changedStandard(attribute: SchemaAttributeType, change: SchemaAttributeType): SchemaAttributeType {
  const name = attribute.Name as string;
  const otherType =
    change.AttributeDataType !== undefined && change.AttributeDataType !== attribute.AttributeDataType;
  if (otherType || change.DeveloperOnlyAttribute) {
    throw invalid(
      `You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute ${name}`,
    );
  }
  if (name === 'sub') return attribute;
  return {
    ...attribute,
    Required: change.Required ?? false,
    Mutable: change.Mutable ?? true,
    ...constraintsOf(attribute.AttributeDataType as AttributeDataType, { ...attribute, ...change }),
  };
}

function customAttribute(attribute: SchemaAttributeType): SchemaAttributeType {
  const { Name: name } = attribute;
  if (name === undefined) throw invalid('Invalid schema attribute: Name is required.');
  if (name.length > MAX_CUSTOM_NAME) {
    throw invalid(`The name of custom attribute ${name} must be at most ${MAX_CUSTOM_NAME} characters long.`);
  }
  if (attribute.Required) throw invalid('Required custom attributes are not supported currently.');
  if (attribute.DeveloperOnlyAttribute) throw notObeyedYet('DeveloperOnlyAttribute');
  const type = attribute.AttributeDataType ?? 'String';
  return {
    Name: `custom:${name}`,
    AttributeDataType: type,
    DeveloperOnlyAttribute: false,
    Mutable: attribute.Mutable ?? true,
    Required: false,
    ...constraintsOf(type, attribute),
  };
}

function constraintsOf(
  type: AttributeDataType,
  attribute: SchemaAttributeType,
): Partial<SchemaAttributeType> {
  const member = constrained[type];
  for (const other of ['StringAttributeConstraints', 'NumberAttributeConstraints'] as const) {
    if (other !== member && Object.keys(attribute[other] ?? {}).length > 0) {
      throw invalid(`${other} do not apply to ${attribute.Name}, whose type is ${type}.`);
    }
  }
  if (member === undefined) return {};
  const given = attribute[member] ?? {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !/^-?\d{1,15}$/.test(value)) {
      throw invalid(`${member}.${name} of ${attribute.Name} must be an integer.`);
    }
  }
  return { [member]: given };
}
