/** Of a key of AWS KMS, or of an alias for one; 256 characters are the most that an alias has. */
export const isKeyArn = (text: string) =>
  /^arn:[\w-]+:kms:[a-z\d-]{1,63}:\d+:(?:key|alias)\/[\w/-]{1,256}$/.test(text);
