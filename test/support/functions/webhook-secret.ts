/** What requests to the https functions of tests are signed with. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('what tests sign their requests with').toString('base64')}`;
