// A place to test in: a hub, a web server before it, trackers and people, all in one temporary folder.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIN, eventually, freePorts, Program, run, temporaryFolder } from './process.mjs';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const HOST = '127.0.0.1';

/** Where the built page lies: beside the programs, unless told. */
export function pageFolder() {
  return process.env.VIGIE_PAGE ?? join(BIN, '..', 'page');
}

export class Place {
  /**
   * `guarded`: the hub asks who is there, and people sign in. Else everything is open, as in the demonstration.
   * `log`: the hub's folder, which stays. `maps`: files of the user's own maps, {path: bytes}.
   */
  static async make({ guarded = false, log, maps } = {}) {
    const place = new Place();
    place.guarded = guarded;
    place.temporary = temporaryFolder();
    place.folder = place.temporary.path;
    place.log = log ?? join(place.folder, 'log');
    place.hubPort = await freePorts(3);
    place.webPort = await freePorts(1);
    place.address = `http://${HOST}:${place.webPort}`;
    place.hubAddress = `${HOST}:${place.hubPort}`;
    place.programs = [];
    place.maps = maps && place.keepMaps(maps);
    mkdirSync(join(place.folder, 'people'), { mode: 0o700 });
    await place.startHub();
    await place.startWeb();
    return place;
  }

  environment() {
    return { ...process.env, XDG_STATE_HOME: join(this.folder, 'state'), XDG_CONFIG_HOME: join(this.folder, 'config') };
  }

  start(name, args) {
    const program = new Program(name, args, { env: this.environment() });
    this.programs.push(program);
    return program;
  }

  async startHub() {
    this.hub = this.start('vigie-hub', [...(this.guarded ? [] : ['--plain']), '--data', this.log,
      '--host', HOST, '--port', this.hubPort]);
    await this.hub.says(/publish=tcp:\/\//, 'where it publishes');
    await eventually('the hub is ready', async () => (await fetch(`http://${HOST}:${this.hubPort + 2}/readyz`)).ok);
  }

  webArguments() {
    return ['--hub', this.hubAddress, '--listen', `${HOST}:${this.webPort}`, '--data', join(this.folder, 'web'),
      '--page', pageFolder(), '--set', 'metrics.listen=', ...(this.maps ? ['--maps', this.maps] : []),
    ...(this.guarded ? [] : ['--open'])];
  }

  keepMaps(files) {
    const folder = join(this.folder, 'maps');
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    return folder;
  }

  async startWeb() {
    this.web = this.start('vigie-web', this.webArguments());
    await eventually('the web server answers', async () => {
      if (this.web.code !== undefined) throw new Error(`vigie-web ended with ${this.web.code}:\n${this.web.output}`);
      return (await fetch(`${this.address}/`)).ok;
    });
  }

  /** `vigie NAME ...` to its end. `who`: a person of enrol(). */
  vigie(name, args, { who, input } = {}) {
    const identity = this.guarded ? ['--identity', this.key(who)] : ['--plain'];
    return run('vigie', [name, ...args, '--hub', this.hubAddress, ...identity], { env: this.environment(), input });
  }

  key(who) {
    return who === 'chief' ? join(this.log, 'keys', 'administrator.toml') : join(this.folder, 'people',
      `${who}.toml`);
  }

  /** NAME joins with a code, as on a device of its own; its key file is key(file). */
  async enrol(name, role, file, options = []) {
    const code = (await this.vigie('invite', [name, '--role', role, ...options],
      { who: 'chief' })).match(/VIGIE-\S+/)[0];
    await run('vigie', ['join', '-', '--identity', this.key(file)], { env: this.environment(), input: `${code}\n` });
    if (!existsSync(this.key(file))) throw new Error(`${name} has no key`);
  }

  send(unit, kind, severity, text, { who, more = [] } = {}) {
    return this.vigie('send', ['--unit', unit, '--kind', kind, '--severity', severity, ...more, text], { who });
  }

  /** Publishes rows of {unit, at (ms since 1970), lat, lon, speed?, course?} now; `callSigns` by unit are its cards. */
  async track(rows, { who, callSigns = {}, group } = {}) {
    const units = [...new Set(rows.map((row) => row.unit))];
    for (const unit of units) {
      const lines = rows.filter((row) => row.unit === unit).map((row) =>
        [new Date(row.at).toISOString(), row.lat, row.lon, row.speed ?? '', row.course ?? ''].join(','));
      const file = join(this.folder, `${unit.replace('/', '-')}-${this.files = (this.files ?? 0) + 1}.csv`);
      writeFileSync(file, ['time,lat,lon,speed,course', ...lines, ''].join('\n'));
      await this.vigie('track', ['--unit', unit, '--csv', file, '--clock', 'satellite', '--no-spool',
        ...(group ? ['--group', group] : []),
        ...(callSigns[unit] ? ['--call-sign', callSigns[unit], '--unit-kind', 'vehicle', '--symbol',
          'SFGPEVA----D---'] : [])],
      { who });
    }
  }

  /** The demonstration patrol, so many times as fast as life, until end(). */
  simulate({ speed = 60, scenario = 'patrol.toml', who = [], more = [] } = {}) {
    const identities = this.guarded ? who.flatMap((one) => ['--identity', this.key(one)]) : ['--plain'];
    return this.start('vigie', ['simulate', join(ROOT, 'deploy', 'scenarios', scenario), '--speed', speed, '--hub',
      this.hubAddress, '--spools', join(this.folder, `spools-${this.programs.length}`), ...identities, ...more]);
  }

  /** `vigie-web account ...`; what it prints. */
  account(args) {
    return run('vigie-web', ['account', ...args, '--data', join(this.folder, 'web')], { env: this.environment() });
  }

  /** A new account that is `identity` (OWNER/NAME) at the hub; the link that sets its password, once. */
  async addAccount(account, identity, { role = 'console', options = [] } = {}) {
    const code = (await this.vigie('invite', [identity, '--role', role], { who: 'chief' })).match(/VIGIE-\S+/)[0];
    const said = await this.account(['add', account, '--code', code, '--url', this.address, ...options]);
    const link = /https?:\/\/\S+/.exec(said);
    if (!link) throw new Error(`no link in: ${said}`);
    return link[0];
  }

  keep(name, text) {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  async end() {
    for (const program of this.programs.reverse()) await program.stop();
    if (process.env.VIGIE_KEEP_LOGS) this.saveLogs(process.env.VIGIE_KEEP_LOGS);
    this.temporary.remove();
  }

  saveLogs(folder) {
    mkdirSync(folder, { recursive: true });
    this.programs.forEach((program, i) => writeFileSync(join(folder, `${i}-${program.name}.log`), program.output));
    if (existsSync(join(this.folder, 'web', 'web.log'))) {
      copyFileSync(join(this.folder, 'web', 'web.log'), join(folder, 'web.log'));
    }
  }
}
