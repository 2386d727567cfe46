// A provider that misbehaves, one way at a time: oauth2-mock-server with its events, and a user agent.
//
// It takes one JSON document a line on standard input and answers each with one on standard output.
// The first line that it writes says where the provider is: {"url": "http://127.0.0.1:..."}.

import { createHash, createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';

// Its remarks must not stand among the answers.
console.log = console.error;
const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`);

const CALLBACK = 'https://app.example.com/callback';
// Longer than anybody waits for it.
const LONG = 30_000;
const HUGE = 64 * 1024 * 1024;
// The clock stands still, as that of the server in the tests does.
const NOW = Math.floor(Date.now() / 1000);
const TIMES = { iat: NOW, nbf: NOW - 10, exp: NOW + 3600 };
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const issuer = new OAuth2Issuer();
const service = new OAuth2Service(issuer);
const key = await issuer.keys.generate('RS256', { kid: 'key-1' });
const published = createPublicKey({ key, format: 'jwk' });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const weak = generateKeyPairSync('rsa', { modulusLength: 512 });

// The token with another head and another signature.
function signed(token, head, signature) {
  const message = `${encoded({ typ: 'JWT', kid: key.kid, ...head })}.${token.split('.')[1]}`;
  return `${message}.${signature(message)}`;
}

const withKey = (secret, hash = 'RSA-SHA256') => (message) => (
  sign(hash, Buffer.from(message), secret).toString('base64url')
);
const idToken = (made) => ({ answer: ({ body }) => { body.id_token = made(body.id_token); } });
const claims = (change) => ({ claims: change });
const everywhere = (change) => ({ claims: change, profile: ({ body }) => change(body) });
const text = (status, kind, content) => (response) => {
  response.writeHead(status, { 'content-type': kind });
  response.end(content);
};

const HTML = text(200, 'text/html', '<!doctype html><title>Sign in</title>');
const DOWN = text(500, 'text/plain', 'oops');
const MISDEEDS = {
  none: {},
  // What the ID token is signed with.
  algorithm_none: idToken((token) => signed(token, { alg: 'none' }, () => '')),
  algorithm_of_a_shared_secret: idToken((token) => signed(token, { alg: 'HS256' }, (message) => (
    createHmac('sha256', published.export({ type: 'spki', format: 'pem' })).update(message).digest('base64url')
  ))),
  algorithm_of_another_key: idToken((token) => (
    signed(token, { alg: 'RS512' }, withKey({ key, format: 'jwk' }, 'RSA-SHA512'))
  )),
  unknown_key: { head: (head) => { head.kid = 'key-2'; } },
  key_of_somebody_else: idToken((token) => signed(token, { alg: 'RS256' }, withKey(foreign))),
  no_signature: idToken((token) => token.slice(0, token.lastIndexOf('.') + 1)),
  no_token_at_all: idToken(() => 'x.y.z'),
  no_claims: idToken((token) => token.replace(/\..*\./, '.e30.')),
  keys_empty: { keys: () => ({ keys: [] }) },
  keys_private: { keys: () => ({ keys: issuer.keys.toJSON(true) }) },
  keys_weak: {
    keys: () => ({ keys: [{ ...weak.publicKey.export({ format: 'jwk' }), kid: key.kid, alg: 'RS256' }] }),
    ...idToken((token) => signed(token, { alg: 'RS256' }, withKey(weak.privateKey))),
  },
  keys_of_another_shape: { keys: () => ({ keys: { [key.kid]: key.n } }) },
  keys_html: { paths: { '/jwks': HTML } },
  keys_down: { paths: { '/jwks': DOWN } },
  // What it says.
  expired: claims((payload) => { payload.iat = NOW - 7200; payload.exp = NOW - 3600; }),
  not_yet_valid: claims((payload) => { payload.nbf = NOW + 3600; }),
  never_expires: claims((payload) => { delete payload.exp; }),
  another_issuer: claims((payload) => { payload.iss = 'https://accounts.example.net'; }),
  another_audience: claims((payload) => { payload.aud = 'other-app'; }),
  no_audience: claims((payload) => { delete payload.aud; }),
  another_party: claims((payload) => { payload.azp = 'other-app'; }),
  subject_missing: everywhere((payload) => { delete payload.sub; }),
  subject_empty: everywhere((payload) => { payload.sub = ''; }),
  subject_number: everywhere((payload) => { payload.sub = 17; }),
  subject_object: everywhere((payload) => { payload.sub = { id: 17 }; }),
  subject_long: everywhere((payload) => { payload.sub = 'x'.repeat(10_000); }),
  nonce_missing: claims((payload) => { delete payload.nonce; }),
  nonce_of_another_login: claims((payload) => { payload.nonce = 'n'; }),
  email_object: everywhere((payload) => { payload.email = { address: payload.email }; }),
  email_verified_in_words: everywhere((payload) => {
    payload.email = 'ada@example.org';
    payload.email_verified = 'false';
  }),
  // What it answers beside it.
  profile_of_somebody_else: { profile: ({ body }) => { body.sub = 'somebody-else'; } },
  profile_down: { paths: { '/userinfo': DOWN } },
  profile_html: { paths: { '/userinfo': HTML } },
  no_id_token: { answer: ({ body }) => { delete body.id_token; } },
  token_number: { answer: ({ body }) => { body.access_token = 17; } },
  token_refused: { answer: (made) => { made.statusCode = 400; made.body = { error: 'invalid_grant' }; } },
  token_down: { paths: { '/token': DOWN } },
  token_html: { paths: { '/token': HTML } },
  token_empty: { paths: { '/token': text(200, 'application/json', '') } },
  token_list: { paths: { '/token': text(200, 'application/json', '[]') } },
  token_huge: {
    paths: {
      '/token': (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(`{"access_token": "${'x'.repeat(HUGE)}"}`);
      },
    },
  },
  token_elsewhere: {
    paths: {
      '/token': (response) => {
        response.writeHead(307, { location: `${issuer.url}/stolen` });
        response.end();
      },
    },
  },
  token_slow: {
    paths: {
      '/token': (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{');
        setTimeout(() => response.end('}'), LONG).unref();
      },
    },
  },
};

let misdeed = MISDEEDS.none;
let person = 'nobody';
let followed = 0;

function profile() {
  return { sub: person, email: `${person}@example.org`, email_verified: true, given_name: person };
}

service.on('beforeTokenSigning', ({ header, payload }) => {
  Object.assign(payload, TIMES, profile());
  misdeed.head?.(header);
  misdeed.claims?.(payload);
});
service.on('beforeResponse', (response) => misdeed.answer?.(response));
service.on('beforeUserinfo', (response) => {
  response.body = profile();
  misdeed.profile?.(response);
});

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/stolen') followed += 1;
  // Who stops reading ends nothing here.
  response.on('error', () => {});
  const own = misdeed.paths?.[path] ?? (path === '/jwks' && misdeed.keys
    ? text(200, 'application/json', JSON.stringify(misdeed.keys()))
    : undefined);
  if (own) request.resume().on('end', () => own(response));
  else service.requestHandler(request, response);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
issuer.url = `http://127.0.0.1:${server.address().port}`;

// Where the provider sends a browser.
async function browse({ address }) {
  const response = await fetch(address, { redirect: 'manual' });
  return { location: response.headers.get('location') };
}

// A code of an app, and the proof key and the nonce that belong to it.
async function code() {
  const code_verifier = randomBytes(32).toString('base64url');
  const nonce = randomBytes(16).toString('base64url');
  const asked = new URLSearchParams({
    client_id: 'our-app',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email profile',
    nonce,
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const { location } = await browse({ address: `${issuer.url}/authorize?${asked}` });
  return { code: new URL(location).searchParams.get('code'), code_verifier, nonce };
}

const commands = {
  browse,
  code,
  async misbehave({ how, login }) {
    misdeed = MISDEEDS[how];
    person = login;
    if (!misdeed) throw new Error(`no such misdeed: ${how}`);
    return {};
  },
  async misdeeds() {
    return { names: Object.keys(MISDEEDS).filter((name) => name !== 'none') };
  },
  async followed() {
    return { times: followed };
  },
};

say({ url: issuer.url });
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line);
  try {
    say(await commands[command](given));
  } catch (error) {
    say({ error: String(error?.stack ?? error) });
  }
}
process.exit(0);
