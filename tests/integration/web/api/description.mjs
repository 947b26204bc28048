// An OpenAPI document as a judge: asks its operations, and holds each answer against what it says of it. Objects have
// to hold what is required and nothing that is not described, which the document does not ask of later servers.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PAGE = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', 'clients', 'web', 'page');
const fromPage = createRequire(join(PAGE, 'package.json'));
const bare = (type) => (type ?? '').split(';')[0].trim();

/** What the specification's own schema has against a document; empty: nothing. */
export async function faultsOf(document) {
  const place = join(PAGE, 'node_modules', '@seriousme', 'openapi-schema-validator', 'index.js');
  const { Validator } = await import(pathToFileURL(place).href);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  return { version: validator.version, faults: valid ? [] : errors };
}

/** What no schema can ask: names that are there once, places in a path that are described, parts that are used. */
export function slipsOf(document) {
  const slips = [];
  const ids = new Set();
  for (const [path, item] of Object.entries(document.paths)) {
    const places = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    for (const [method, operation] of Object.entries(item)) {
      const where = `${method} ${path}`;
      if (ids.has(operation.operationId)) slips.push(`${where}: ${operation.operationId} is there twice`);
      ids.add(operation.operationId);
      const described = (operation.parameters ?? []).map((one) => resolveRef(document, one))
        .filter((one) => one.in === 'path').map((one) => one.name).sort();
      if (String(described) !== String(places)) slips.push(`${where}: describes ${described}, has ${places}`);
      for (const needs of operation.security ?? document.security) {
        for (const name of Object.keys(needs)) {
          if (!document.components.securitySchemes[name]) slips.push(`${where}: ${name} is no security scheme`);
        }
      }
    }
  }
  const text = JSON.stringify(document);
  for (const kind of ['schemas', 'responses', 'parameters']) {
    for (const name of Object.keys(document.components[kind])) {
      if (!text.includes(`"#/components/${kind}/${name}"`)) slips.push(`${kind}/${name} is not used`);
    }
  }
  return slips;
}

function resolveRef(document, part) {
  if (part?.$ref === undefined) return part;
  return part.$ref.slice(2).split('/').reduce((at, key) => at[key], document);
}

/** With what it refers to in its place, and objects closed; `open`: a part of a whole that is closed itself. */
function closed(document, schema, open = false) {
  if (Array.isArray(schema)) return schema.map((one) => closed(document, one, open));
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema.$ref !== undefined) return closed(document, resolveRef(document, schema), open);
  const made = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      made.properties = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closed(document, one)]));
    } else {
      made[key] = closed(document, value, key === 'allOf');
    }
  }
  const isObject = made.properties !== undefined || made.allOf?.some((one) => one.properties !== undefined);
  if (isObject && !open && made.additionalProperties === undefined) {
    made.type ??= 'object';
    made.unevaluatedProperties = false;
  }
  return made;
}

export class Description {
  constructor(document, base) {
    this.document = document;
    this.base = base;
    this.seen = new Set(); // "getUnits 200 application/json"
    const Ajv = fromPage('ajv/dist/2020').default;
    this.ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
    this.ajv.addKeyword('x-line');
    fromPage('ajv-formats').default(this.ajv);
    this.ajv.addFormat('password', true);
    this.compiled = new Map();
  }

  operation(id) {
    for (const [path, item] of Object.entries(this.document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (operation.operationId === id) return { path, method: method.toUpperCase(), operation };
      }
    }
    throw new Error(`there is no operation ${id}`);
  }

  check(schema, value, where) {
    const key = JSON.stringify(schema);
    if (!this.compiled.has(key)) this.compiled.set(key, this.ajv.compile(closed(this.document, schema)));
    const validate = this.compiled.get(key);
    if (validate(value)) return;
    assert.fail(`${where}: ${this.ajv.errorsText(validate.errors.slice(0, 4), { dataVar: '' })}
      in ${JSON.stringify(value).slice(0, 600)}`);
  }

  /** Asks it as `who` ({cookie, csrf} or {token}; null: nobody); the answer has to be `status`, and as described. */
  async ask(id, { who = null, path = {}, query = {}, body, status = 200, headers = {} } = {}) {
    const { path: pattern, method, operation } = this.operation(id);
    const address = new URL(this.base + pattern.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name])));
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    const sent = { ...headers };
    if (who?.cookie) sent.cookie = who.cookie;
    if (who?.csrf && method !== 'GET') sent['x-vigie-csrf'] = who.csrf;
    if (who?.token) sent.authorization = `Bearer ${who.token}`;
    if (body !== undefined) sent['content-type'] ??= 'application/json';
    const answer = await fetch(address, { method, headers: sent, body: body && JSON.stringify(body) });
    const text = await answer.text();
    const where = `${id} (${method} ${address.pathname}${address.search}): ${answer.status}`;
    assert.equal(answer.status, status, `${where} ${text.slice(0, 400)}`);
    if (status < 300 && body !== undefined) {
      this.check(operation.requestBody.content['application/json'].schema, body, `${where}, what was sent`);
    }
    return { status, headers: answer.headers, ...this.#judge(operation, answer, text, where, query) };
  }

  #judge(operation, answer, text, where, query) {
    for (const name of Object.keys(query)) {
      const known = operation.parameters.map((one) => resolveRef(this.document, one)).some((one) => one.name === name);
      assert.ok(known || answer.status === 400, `${where}: the parameter ${name} is taken, and not described`);
    }
    const response = resolveRef(this.document, operation.responses[String(answer.status)]);
    assert.ok(response, `${where}: this status is not described: ${text.slice(0, 300)}`);
    const type = bare(answer.headers.get('content-type'));
    this.seen.add(`${operation.operationId} ${answer.status} ${type}`);
    if (response.content === undefined) {
      assert.equal(text, '', `${where}: it has a body, and none is described`);
      return { text };
    }
    const media = Object.entries(response.content).find(([name]) => bare(name) === type);
    assert.ok(media, `${where}: ${type} is not described`);
    if (/[/+]json$/.test(type)) {
      const json = JSON.parse(text);
      this.check(media[1].schema, json, where);
      return { text, json };
    }
    const line = media[1].schema['x-line'];
    const lines = line === undefined ? [] : text.trimEnd().split('\n');
    for (const one of lines) this.check(line, JSON.parse(one), where);
    return { text };
  }

  /** Operations, and forms of their good answers, that were described and never seen. */
  unseen() {
    const missing = [];
    for (const item of Object.values(this.document.paths)) {
      for (const operation of Object.values(item)) {
        for (const [status, given] of Object.entries(operation.responses)) {
          if (!status.startsWith('2')) continue;
          const types = Object.keys(resolveRef(this.document, given).content ?? { '': 0 });
          for (const type of types) {
            const one = `${operation.operationId} ${status} ${bare(type)}`;
            if (!this.seen.has(one)) missing.push(one);
          }
        }
      }
    }
    return missing;
  }
}
