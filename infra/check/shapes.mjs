// What resource types look like, and whether a body fits.
//
// A shape is 'string', 'number', 'boolean', 'any' or 'object' (anything), a list of values ('*': others are accepted by Azure, but not here),
// { "[]": shape } for a list, { "*": shape } for any names, or names with shapes; a name that ends with ! is required. { "?kind": { value: names } } adds the
// names that come with a value of the member "kind".
import fs from 'node:fs';
import path from 'node:path';
import { keyOf, literal, properties, valueOf } from './parser.mjs';

export function loadTypes(facts) {
  const types = new Map();
  for (const file of fs.readdirSync(path.join(facts, 'types'))) {
    const type = JSON.parse(fs.readFileSync(path.join(facts, 'types', file), 'utf8'));
    types.set(type.type, type);
  }
  const additions = JSON.parse(fs.readFileSync(path.join(facts, 'additions.json'), 'utf8'));
  for (const [type, members] of Object.entries(additions.members)) {
    for (const [where, shape] of Object.entries(members)) add(types.get(type).body, where.split('/'), shape, `${type} ${where}`);
  }
  return types;
}

function add(target, [head, ...rest], shape, label) {
  if (rest.length === 0) {
    if (head in target && typeof target[head] === 'object' && !Array.isArray(target[head]) && typeof target[head]['[]'] !== 'string') throw new Error(`${label} is known already`);
    target[head] = shape;
    return;
  }
  const key = head in target ? head : `${head}!`;
  if (!(key in target)) throw new Error(`${label}: there is no ${head}`);
  add(target[key], rest, shape, label);
}

// The possible values of an expression, as far as they can be seen: [{ node, whole }]. A part of a union is not whole.
function values(node, model, seen = new Set(), whole = true) {
  switch (node?.type) {
    case 'parenthesized_expression':
      return values(node.namedChildren[0], model, seen, whole);
    case 'ternary_expression':
      return node.namedChildren.slice(1).flatMap(c => values(c, model, seen, whole));
    case 'identifier': {
      const variable = model.variables.get(node.text);
      return variable && !seen.has(node.text) ? values(variable.value, model, new Set([...seen, node.text]), whole) : [{ node, whole }];
    }
    case 'for_statement':
    case 'if_statement':
      return values(node.namedChildren.at(-1), model, seen, whole);
    case 'call_expression': {
      const name = node.childForFieldName('function').text;
      const inner = node.childForFieldName('arguments').namedChildren;
      if (name === 'union' || name === 'concat') return inner.flatMap(c => values(c, model, seen, false));
      return [{ node, whole }];
    }
    default:
      return node ? [{ node, whole }] : [];
  }
}

// Notes in problems what does not fit.
export function fit(shape, expression, model, where, problems) {
  for (const { node, whole } of values(expression, model)) fitOne(shape, node, whole, model, where, problems);
}

function fitOne(shape, node, whole, model, where, problems) {
  const problem = text => problems.push(`line ${node.startPosition.row + 1}: ${where} ${text}`);
  if (shape === 'any' || node.type === 'null' || node.text === 'null') return;
  const isObject = node.type === 'object';
  const isList = node.type === 'array';
  const text = literal(node);
  const isNumber = node.type === 'number';
  const isBoolean = node.type === 'boolean';
  if (shape === 'object') return void (isList || text !== null || isNumber || isBoolean ? problem('must be an object') : 0);
  if (Array.isArray(shape)) {
    if (text !== null && !shape.includes(text)) problem(`is '${text}', but must be one of ${shape.filter(s => s !== '*').join(', ')}`);
    else if (isNumber && !shape.includes(Number(node.text))) problem(`is ${node.text}, but must be one of ${shape.join(', ')}`);
    else if (isObject || isList || isBoolean) problem('must be a text');
    return;
  }
  if (typeof shape === 'string') {
    const wrong = { string: isObject || isList || isNumber || isBoolean, number: isObject || isList || isBoolean || node.type === 'string', boolean: isObject || isList || isNumber || node.type === 'string' }[shape];
    if (wrong) problem(`must be a ${shape}`);
    return;
  }
  if ('[]' in shape) {
    if (isList) for (const item of node.namedChildren) fit(shape['[]'], item, model, `${where}[]`, problems);
    else if (node.type === 'call_expression' && node.childForFieldName('function').text === 'map') {
      const lambda = node.childForFieldName('arguments').namedChildren[1];
      fit(shape['[]'], lambda.namedChildren.at(-1), model, `${where}[]`, problems);
    } else if (isObject && whole && expressionIsLoop(node)) fit(shape['[]'], node, model, `${where}[]`, problems);
    else if (isObject || text !== null || isNumber || isBoolean) problem('must be a list');
    return;
  }
  if (!isObject) {
    if (isList || text !== null || isNumber || isBoolean) problem('must be an object');
    return;
  }
  fitMembers(withKind(shape, node), node, whole, model, where, problems);
}

const expressionIsLoop = node => node.parent?.type === 'for_statement';

function withKind(shape, node) {
  let result = shape;
  for (const [key, kinds] of Object.entries(shape)) {
    if (!key.startsWith('?')) continue;
    const property = properties(node).find(p => keyOf(p) === key.slice(1));
    result = { ...result, ...(property && kinds[literal(valueOf(property))]) };
  }
  return result;
}

function fitMembers(shape, node, whole, model, where, problems) {
  const given = new Set();
  // Beside names that are listed Azure may accept any other; here that would only hide what is misspelled.
  const others = Object.keys(shape).length === 1 ? shape['*'] : undefined;
  for (const property of properties(node)) {
    const key = keyOf(property);
    given.add(key);
    const inner = shape[`${key}!`] ?? shape[key] ?? others;
    if (inner === undefined) problems.push(`line ${property.startPosition.row + 1}: ${where} has no ${key}`);
    else fit(inner, valueOf(property), model, `${where}.${key}`, problems);
  }
  if (!whole) return;
  for (const key of Object.keys(shape)) {
    if (key.endsWith('!') && !given.has(key.slice(0, -1))) problems.push(`line ${node.startPosition.row + 1}: ${where} needs ${key.slice(0, -1)}`);
  }
}

// A resource's body, without what Bicep itself reads.
export function fitResource(type, resource, model) {
  const problems = [];
  const own = { ...type.body, parent: 'any', scope: 'any', dependsOn: 'any' };
  fit(own, resource.body, model, resource.name, problems);
  return problems;
}

export function shapeOfParameter(parameter) {
  if (parameter.allowed) return parameter.allowed;
  return { string: 'string', int: 'number', bool: 'boolean', object: { '*': 'any' }, array: { '[]': 'any' } }[parameter.type] ?? 'any';
}
