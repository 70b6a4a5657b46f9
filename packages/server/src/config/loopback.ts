/** Whether a host, as it is written in an option or a URL, is this machine alone. */
export const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
