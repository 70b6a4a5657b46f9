const SDK = /(?:^|\s)(aws-sdk-[a-z0-9-]{1,32})\/(\d[\w.-]{0,32})/;

/** Which SDK a request says that it comes from, e.g. `aws-sdk-js-3.700.0`: in browsers the one header, elsewhere the other. */
export function awsSdkVersionOf(rawHeaders: readonly string[]): string | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!/^(?:x-amz-)?user-agent$/i.test(rawHeaders[index] as string)) continue;
    const [, name, version] = SDK.exec((rawHeaders[index + 1] as string).slice(0, 1024)) ?? [];
    if (name !== undefined) return `${name}-${version}`;
  }
  return undefined;
}
