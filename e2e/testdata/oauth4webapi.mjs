// A client application on npm's oauth4webapi: discovery by both names, code with
// PKCE, userinfo and refresh, and an API that takes the access token.
import * as oauth from 'oauth4webapi';
import { authorize, orders, report } from './client.mjs';

const plain = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(orders.issuer);
const client = { client_id: orders.client_id, id_token_signed_response_alg: orders.algorithm };
const authentication = {
  none: () => oauth.None(),
  client_secret_basic: () => oauth.ClientSecretBasic(orders.client_secret),
  client_secret_post: () => oauth.ClientSecretPost(orders.client_secret),
}[orders.authentication]();

const discover = async (algorithm) =>
  oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...plain }));
const server = await discover('oidc');
if (JSON.stringify(await discover('oauth2')) !== JSON.stringify(server)) throw new Error('it says two things of itself');

const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();
const url = new URL(server.authorization_endpoint);
url.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri: orders.redirect_uri,
  response_type: 'code',
  scope: orders.scope,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
  ...orders.parameters,
}).toString();

const back = oauth.validateAuthResponse(server, client, await authorize(url), state);
const answer = await oauth.authorizationCodeGrantRequest(server, client, authentication, back, orders.redirect_uri, verifier, plain);
const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
  expectedNonce: nonce,
  maxAge: 600,
  requireIdToken: true,
});
await oauth.validateApplicationLevelSignature(server, answer, plain);
const claims = oauth.getValidatedIdTokenClaims(tokens);

const userinfo = await oauth.processUserInfoResponse(
  server,
  client,
  claims.sub,
  await oauth.userInfoRequest(server, client, tokens.access_token, plain),
);

const renewed = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, plain);
const refreshed = await oauth.processRefreshTokenResponse(server, client, renewed);
await oauth.validateApplicationLevelSignature(server, renewed, plain);

// RFC 9068: an API that knows the issuer alone takes the access token, and no ID token.
const call = (token) => new Request('https://api.example.com/', { headers: { authorization: `Bearer ${token}` } });
const api = (token) =>
  oauth.validateJwtAccessToken(server, call(token), orders.issuer, { signingAlgorithms: [orders.algorithm], ...plain });
const access = await api(refreshed.access_token);
if (access.sub !== claims.sub) throw new Error('the access token is of somebody else');
const taken = await api(refreshed.id_token).then(
  () => true,
  () => false,
);
if (taken) throw new Error('an ID token is taken for an access token');

report({
  claims,
  userinfo,
  scope: tokens.scope,
  access_token: refreshed.access_token,
  again: oauth.getValidatedIdTokenClaims(refreshed),
});
