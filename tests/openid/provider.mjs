// A certified OpenID provider for the tests, and a user agent that logs in there.
//
// It takes one JSON document a line on standard input and answers each with one on standard output.
// The first line that it writes says where the provider is: {"url": "http://127.0.0.1:..."}.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

// Its remarks must not stand among the answers.
console.info = console.error;

const CALLBACK = 'https://app.example.com/callback';
const clients = (extra) => [
  { client_id: 'our-app', client_secret: 'our-secret', redirect_uris: [CALLBACK, ...extra] },
  { client_id: 'other-app', client_secret: 'other-secret', redirect_uris: [CALLBACK] },
];

let handle;
let extra = [];
const server = createServer((request, response) => handle(request, response));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}`;

function key(number, algorithm) {
  const pair = algorithm === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...pair.privateKey.export({ format: 'jwk' }), kid: `key-${number}`, use: 'sig', alg: algorithm };
}

// A provider keeps its grants in memory: a new one with other keys knows nobody, as after a restart.
function start(number, algorithm) {
  const provider = new Provider(url, {
    clients: clients(extra).map((client) => ({ ...client, id_token_signed_response_alg: algorithm })),
    jwks: { keys: [key(number, algorithm)] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => false },
    async findAccount(_, id) {
      return {
        accountId: id,
        async claims() {
          return {
            sub: id, email: `${id}@example.org`, email_verified: true, given_name: id, family_name: 'Tester',
          };
        },
      };
    },
  });
  handle = provider.callback();
}

let number = 1;
start(number, 'RS256');

// A browser: keeps cookies, follows redirects within the provider, fills in its forms.
async function browse(address, { login, deny }) {
  const jar = new Map();
  let next = { url: address, method: 'GET' };
  for (let step = 0; step < 20; step += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next.url, {
      method: next.method,
      body: next.body,
      redirect: 'manual',
      headers: { cookie, ...(next.body && { 'content-type': 'application/x-www-form-urlencoded' }) },
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair] = set.split(';');
      const at = pair.indexOf('=');
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    if (location) {
      const absolute = new URL(location, next.url).href;
      if (!absolute.startsWith(url)) return { location: absolute };
      next = { url: absolute, method: 'GET' };
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!prompt) return { error: `${response.status}: ${page.slice(0, 300)}` };
    if (deny) {
      const abort = /href="([^"]*\/abort)"/.exec(page)[1];
      next = { url: new URL(abort, next.url).href, method: 'GET' };
      continue;
    }
    const action = new URL(/action="([^"]+)"/.exec(page)[1], next.url).href;
    const fields = { prompt, ...(prompt === 'login' && { login, password: 'x' }) };
    next = { url: action, method: 'POST', body: new URLSearchParams(fields).toString() };
  }
  return { error: 'too many steps' };
}

// What an app gets that logs its user in by itself.
async function tokens({ login, client = 'our-app', secret = 'our-secret', nonce }) {
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    client_id: client,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'app',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(nonce && { nonce }),
  });
  const { location, error } = await browse(`${url}/auth?${asked}`, { login });
  if (error) return { error };
  const code = new URL(location).searchParams.get('code');
  const response = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: verifier,
    }),
  });
  return response.json();
}

// A code that nobody has exchanged, and the proof key that belongs to it.
async function code({ login }) {
  const code_verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    client_id: 'our-app',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'app',
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const { location, error } = await browse(`${url}/auth?${asked}`, { login });
  return error ? { error } : { code: new URL(location).searchParams.get('code'), code_verifier };
}

const commands = {
  browse: ({ address, login, deny }) => browse(address, { login, deny }),
  tokens,
  code,
  async rotate({ algorithm }) {
    number += 1;
    start(number, algorithm ?? 'RS256');
    return {};
  },
  async callback({ address }) {
    extra = [address];
    start(number, 'RS256');
    return {};
  },
};

console.log(JSON.stringify({ url }));
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line);
  let answer;
  try {
    answer = await commands[command](given);
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  console.log(JSON.stringify(answer));
}
process.exit(0);
