// A client application on npm's openid-client: discovery, code with PKCE, userinfo
// and refresh, with every check that the library knows.
import * as client from 'openid-client';
import { authorize, orders, report } from './client.mjs';

const authentication = {
  none: () => client.None(),
  client_secret_basic: () => client.ClientSecretBasic(orders.client_secret),
  client_secret_post: () => client.ClientSecretPost(orders.client_secret),
}[orders.authentication]();

const config = await client.discovery(
  new URL(orders.issuer),
  orders.client_id,
  { id_token_signed_response_alg: orders.algorithm },
  authentication,
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);
if (!config.serverMetadata().supportsPKCE()) throw new Error('it does not say that it knows PKCE');

const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const expectedNonce = client.randomNonce();
const back = await authorize(
  client.buildAuthorizationUrl(config, {
    redirect_uri: orders.redirect_uri,
    scope: orders.scope,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...orders.parameters,
  }),
);

const tokens = await client.authorizationCodeGrant(config, back, {
  pkceCodeVerifier,
  expectedState,
  expectedNonce,
  idTokenExpected: true,
  maxAge: 600,
});
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);

report({ claims, userinfo, scope: tokens.scope, access_token: refreshed.access_token, again: refreshed.claims() });
