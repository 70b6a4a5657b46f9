const ADDRESS = String.raw`[^\s<>@,;"()]+@[^\s<>@,;"()]+`;
const NAME = String.raw`[^<>\p{Cc}]*`;
const ONE_SENDER = new RegExp(`^(?:${NAME}<${ADDRESS}>|${ADDRESS})$`, 'u');

/** Whether a text is one address, bare or as `Name <address>`: a header made of it has one author and one line. */
export const isOneSender = (text: string) => text.length <= 320 && ONE_SENDER.test(text);
