// A real OpenID Connect provider for the tests. The login name is `name`, or `name,group,group` for its groups.
// node provider.mjs PORT ID_TOKEN_HAS_ALL(0|1) REDIRECT_URI
import { Provider } from 'oidc-provider';

const [port, whole, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const client = (id, more) => ({
  client_id: id,
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  ...more,
});
const provider = new Provider(issuer, {
  clients: [
    client('enrum', { client_secret: 'a secret of the tests, long enough' }),
    client('enrum-public', { token_endpoint_auth_method: 'none' }),
  ],
  pkce: { required: () => true, methods: ['S256'] },
  claims: { openid: ['sub'], profile: ['name', 'groups', 'offices'] },
  conformIdTokenClaims: whole === '0',
  findAccount: (ctx, login) => {
    const [name, ...groups] = login.split(',');
    const offices = groups.filter((one) => one.startsWith('at-'));
    return { accountId: login, claims: () => ({ sub: name, name: `Namn ${name}`, groups, offices }) };
  },
  cookies: { keys: ['a key of the tests'] },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
