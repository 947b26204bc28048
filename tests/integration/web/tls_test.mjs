#!/usr/bin/env node
// The page over TLS: by the server itself, and behind nginx as deploy/nginx-vigie.conf.example says. What is below the
// page (versions, forged headers, lock-out) is in api/tls_test.py and api/proxy_test.py.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place, ROOT } from './harness/place.mjs';
import { BIN, eventually, freePorts } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();
const OPENSSL = '/usr/bin/openssl';
const NGINX = '/usr/sbin/nginx';
if (!existsSync(OPENSSL)) {
  console.log('skipped: openssl is not there');
  process.exit(77);
}

const NAME = 'room.example';
const PASSWORD = 'correct horse battery staple';

class SecurePlace {
  static async make() {
    const place = await Place.make({ guarded: true });
    place.certificate = join(place.folder, 'certificate.pem');
    place.certificateKey = join(place.folder, 'key.pem');
    execFileSync(OPENSSL, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
      '-keyout', place.certificateKey, '-out', place.certificate, '-subj', `/CN=${NAME}`, '-days', '2', '-addext',
      `subjectAltName=DNS:${NAME}`], { stdio: 'ignore' });
    await place.enrol('alpha/gateway', 'gateway', 'alpha', ['--unit', 'alpha/*']);
    await place.track([{ unit: 'alpha/v1', at: Date.now() - 1000, lat: 15.87, lon: 1.58 }],
      { who: 'alpha', callSigns: { 'alpha/v1': 'ALPHA 1' } });
    await place.web.stop();
    return place;
  }
}

/** vigie-web anew with these settings; until it says where it is. */
async function startWeb(place, ...settings) {
  place.web = place.start('vigie-web', [...place.webArguments(),
    ...settings.flatMap((setting) => ['--set', setting])]);
  await place.web.says(/address=https?:/, 'where it serves');
}

/** Whoever listens there shows the place's own certificate. */
function shows(place, port) {
  const own = new X509Certificate(readFileSync(place.certificate)).raw;
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().raw?.equals(own) ?? false);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}

/** Until it serves. */
async function startNginx(place) {
  const folder = join(place.folder, 'nginx');
  mkdirSync(folder, { recursive: true });
  const example = readFileSync(join(ROOT, 'deploy', 'nginx-vigie.conf.example'), 'utf8')
    .replace('listen 80;', `listen 127.0.0.1:${place.proxyPort + 1};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${place.proxyPort} ssl;`)
    .replace('server 127.0.0.1:7780;', `server 127.0.0.1:${place.webPort};`)
    .replace('/etc/ssl/vigie/fullchain.pem', place.certificate)
    .replace('/etc/ssl/vigie/privkey.pem', place.certificateKey);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) =>
    `${kind}_temp_path ${kind};`).join('\n');
  writeFileSync(join(folder, 'nginx.conf'), `daemon off;\nmaster_process off;\npid ${folder}/pid;
error_log stderr warn;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${example}}\n`);
  place.nginx = place.start(relative(BIN, NGINX), ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
  await eventually('nginx serves', () => shows(place, place.proxyPort));
}

/** Chromium knows the name, and trusts this one certificate for it. */
function openTrusting(certificate) {
  const { publicKey } = new X509Certificate(readFileSync(certificate));
  const pin = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
  return openBrowser({ more: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`,
    `--ignore-certificate-errors-spki-list=${pin}`] });
}

/** Signs up by a link, and sees the unit come over wss. */
async function signUp(browser, place, account, language) {
  const visitor = await Visitor.come(browser, place, { language });
  visitor.sockets = [];
  visitor.page.on('websocket', (socket) => visitor.sockets.push(socket.url()));
  const link = await place.addAccount(account, `alpha/${account}`);
  assert.ok(link.startsWith(`https://${NAME}:`), link);
  await visitor.signUp(link, PASSWORD);
  const units = await visitor.panel('units');
  await units.getByText('ALPHA 1', { exact: true }).first().waitFor();
  assert.ok(visitor.sockets.length > 0 && visitor.sockets.every((url) => url.startsWith(`wss://${NAME}:`)),
    String(visitor.sockets));
  return visitor;
}

async function checkCookies(visitor) {
  const cookies = await visitor.context.cookies();
  assert.deepEqual(cookies.map(({ name, secure, httpOnly, sameSite }) => ({ name, secure, httpOnly, sameSite })),
    [{ name: '__Host-vigie', secure: true, httpOnly: true, sameSite: 'Strict' }]);
  assert.equal(await visitor.page.evaluate(() => document.cookie), '');
}

let place;
let browser;
before(async () => {
  place = await SecurePlace.make();
  browser = await openTrusting(place.certificate);
});
after(async () => {
  await browser?.close();
  await place?.end();
});

describe('by the server itself', () => {
  let visitor;
  before(async () => {
    await startWeb(place, `certificate=${place.certificate}`, `key=${place.certificateKey}`, `names=${NAME}`);
    place.address = `https://${NAME}:${place.webPort}`;
  });
  after(async () => {
    await visitor?.leave();
    await place.web.stop();
  });

  it('one signs in, and units come over wss', async () => {
    visitor = await signUp(browser, place, 'anna', LANGUAGES[0]);
    assert.deepEqual(visitor.troubles(), []);
  });

  it('the cookie goes over TLS alone, and no script reads it', () => checkCookies(visitor));
});

describe('behind nginx', { skip: existsSync(NGINX) ? false : 'nginx is not there' }, () => {
  let visitor;
  before(async () => {
    place.proxyPort = await freePorts(2);
    place.address = `https://${NAME}:${place.proxyPort}`;
    await startWeb(place, `names=${NAME}`, 'proxies=127.0.0.1', `base_url=${place.address}`);
    await startNginx(place);
  });
  after(() => visitor?.leave());

  it('one signs in, and units come over wss', async () => {
    visitor = await signUp(browser, place, 'ben', LANGUAGES[1]);
    assert.deepEqual(visitor.troubles(), []);
  });

  it('the cookie goes over TLS alone, and no script reads it', () => checkCookies(visitor));

  it('a room whose proxy went away says so, and is live again when it is back', async () => {
    await place.nginx.stop();
    await eventually('it is not live', async () => !(await visitor.page.locator('.link-state.live').count()));
    await place.track([{ unit: 'alpha/v2', at: Date.now(), lat: 15.88, lon: 1.59 }],
      { who: 'alpha', callSigns: { 'alpha/v2': 'ALPHA 2' } });
    await startNginx(place);
    await visitor.live();
    const units = await visitor.panel('units');
    await units.getByText('ALPHA 2', { exact: true }).first().waitFor();
  });
});
