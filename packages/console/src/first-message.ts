import { type Html, html } from './html.ts';

/** What an empty inbox says: how to cause a first message. */
export function firstMessage({ endpoint, region }: { endpoint: string; region: string }): Html {
  const commands = `export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region}
export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any

pool=$(aws cognito-idp create-user-pool --pool-name demo \\
  --auto-verified-attributes email \\
  --query UserPool.Id --output text)
client=$(aws cognito-idp create-user-pool-client \\
  --user-pool-id $pool --client-name demo \\
  --query UserPoolClient.ClientId --output text)
aws cognito-idp sign-up --client-id $client \\
  --username alice --password 'Passw0rd!' \\
  --user-attributes Name=email,Value=alice@example.com`;
  return html`<div class="guide">
<h2>No messages yet</h2>
<p>Codes and invitations that this server sends by email or SMS appear here as they are sent. The AWS CLI makes the
first one:</p>
<pre tabindex="0"><code>${commands}</code></pre>
<p class="after"><button type="button" class="copy" data-copy="${commands}" hidden>Copy the commands</button></p>
<p>With an AWS SDK, set <code>endpoint</code> to <code>${endpoint}</code>; any credentials do.</p>
</div>`;
}

export const noMatch = (to: string): Html => html`<div class="guide">
<h2>No messages to ${to}</h2>
<p>One appears here as soon as it is sent. The whole address counts. <a href="/">All messages</a></p>
</div>`;
