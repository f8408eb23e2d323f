// A certified OpenID provider on loopback. argv[2] is JSON: {port, clients}; a
// client is {client_id, client_secret, redirect_uris}. It prints its issuer when it
// listens. Whoever signs in is who they say, with any password:
// ada@example.com is her own subject, and her address is verified unless the name
// begins with "unverified".
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { port, clients } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients,
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture', 'locale'] },
  features: { devInteractions: { enabled: true }, userinfo: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id,
      email_verified: !id.startsWith('unverified'),
      name: id.split('@')[0],
    }),
  }),
  cookies: { keys: ['of no use to anybody'] },
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
});

createServer(provider.callback()).listen(port, '127.0.0.1', () => process.stdout.write(`${issuer}\n`));
