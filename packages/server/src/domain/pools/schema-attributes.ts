import type { AttributeDataType, SchemaAttributeType } from '@poolkeeper/model';
import { attributeDataTypeMissing, invalid, notObeyedYet } from '../../errors.ts';

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
/** Nobody's to configure: a pool that names one gets a custom attribute of that name (aws-cdk#14175). */
const FLAGS = new Set<string | undefined>(['email_verified', 'phone_number_verified']);
const MAX_CUSTOM_ATTRIBUTES = 50;
const LONGEST_TEXT = 2048;
const lengths = { MinLength: true, MaxLength: true };
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
  const changes = new Map<string | undefined, SchemaAttributeType>();
  for (const attribute of requested) {
    if (changes.has(attribute.Name)) throw nameTaken(`${attribute.Name}`);
    changes.set(attribute.Name, attribute);
  }
  const standard = standardAttributes.map((attribute) => {
    if (FLAGS.has(attribute.Name)) return attribute;
    const change = changes.get(attribute.Name);
    return change === undefined ? attribute : changedStandard(attribute, change);
  });
  const custom = requested.filter(({ Name: name }) => !standardNames.has(name) || FLAGS.has(name));
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
    if (names.has(name as string)) throw nameTaken(`${name}`);
    names.add(name as string);
  }
  if (result.length - standardAttributes.length > MAX_CUSTOM_ATTRIBUTES) {
    throw invalid(`A user pool has at most ${MAX_CUSTOM_ATTRIBUTES} custom attributes.`);
  }
  return result;
}

const nameTaken = (name: string) => invalid(`${name}: Existing attribute already has name ${name}.`);

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
  if (attribute.Required) throw invalid('Required custom attributes are not supported currently.');
  if (attribute.DeveloperOnlyAttribute) throw notObeyedYet('DeveloperOnlyAttribute');
  const { AttributeDataType: type } = attribute;
  if (type === undefined) throw attributeDataTypeMissing();
  const Name = `custom:${name}`;
  return {
    Name,
    AttributeDataType: type,
    DeveloperOnlyAttribute: false,
    Mutable: attribute.Mutable ?? true,
    Required: false,
    ...constraintsOf(type, { ...attribute, Name }),
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
    const isBound = name in lengths ? /^\d{1,15}$/ : /^-?\d{1,15}$/;
    if (value !== undefined && !isBound.test(value))
      throw invalid(`Invalid ${member} for schema attribute ${attribute.Name}`);
  }
  const { MinLength: shortest, MaxLength: longest } = attribute.StringAttributeConstraints ?? {};
  if (Number(shortest ?? 0) > LONGEST_TEXT || Number(longest ?? 0) > LONGEST_TEXT) {
    throw invalid(
      `user.${attribute.Name}: String attributes cannot have a length of more than ${LONGEST_TEXT}`,
    );
  }
  requireOrder(attribute.Name, 'length', shortest, longest);
  const { MinValue: least, MaxValue: most } = attribute.NumberAttributeConstraints ?? {};
  requireOrder(attribute.Name, 'value', least, most);
  return { [member]: given };
}

function requireOrder(
  name: string | undefined,
  of: 'length' | 'value',
  min: string | undefined,
  max: string | undefined,
): void {
  if (min === undefined || max === undefined || Number(min) <= Number(max)) return;
  throw invalid(`user.${name}: Max ${of} cannot be less than min ${of}.`);
}
