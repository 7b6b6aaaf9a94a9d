// Reads .bicep and .bicepparam files into what the checks ask for: declarations, bodies and uses of names.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

let parser;

export async function loadParser(folder) {
  const require = createRequire(path.join(folder, 'package.json'));
  const { Parser, Language } = await import(pathToFileURL(require.resolve('web-tree-sitter')));
  await Parser.init();
  parser = new Parser();
  parser.setLanguage(await Language.load(path.join(folder, 'node_modules/tree-sitter-bicep/tree-sitter-bicep.wasm')));
}

// The text of a string without interpolation; null for anything else.
export function literal(node) {
  if (node?.type !== 'string' || node.namedChildren.some(c => c.type === 'interpolation')) return null;
  return node.text.slice(1, -1).replace(/\\(.)/g, '$1');
}

export const keyOf = property => literal(property.namedChildren[0]) ?? property.namedChildren[0].text;
export const valueOf = property => property.namedChildren[1];
export const properties = object => object.namedChildren.filter(c => c.type === 'object_property');
export const find = (object, key) => {
  const property = object && properties(object).find(p => keyOf(p) === key);
  return property && valueOf(property);
};

// What is between a declaration and its object: a loop, a condition, both or neither.
function unwrap(node) {
  if (!node) return null;
  if (node.type === 'object') return node;
  if (node.type === 'for_statement' || node.type === 'if_statement') return unwrap(node.namedChildren.at(-1));
  return null;
}

function errorsOf(root) {
  const errors = [];
  const walk = node => {
    if (node.isError || node.isMissing) errors.push(`line ${node.startPosition.row + 1}: ${node.text.split('\n')[0].slice(0, 60)}`);
    else if (node.hasError) node.children.forEach(walk);
  };
  walk(root);
  return errors;
}

function decoratorsOf(nodes) {
  const result = {};
  for (const decorator of nodes) {
    const call = decorator.namedChildren[0];
    result[call.childForFieldName('function')?.text ?? call.text] = call.childForFieldName('arguments')?.namedChildren ?? [];
  }
  return result;
}

export function parseFile(file) {
  const isParameters = file.endsWith('.bicepparam');
  let text = fs.readFileSync(file, 'utf8');
  // The grammar knows parameters with a type only; in a parameter file they have none, like variables.
  if (isParameters) text = text.replace(/^param (?=\w+ =)/gm, 'var   ');
  const root = parser.parse(text).rootNode;
  const model = { file, text, isParameters, root, errors: errorsOf(root), using: null, parameters: new Map(), variables: new Map(), resources: new Map(), modules: new Map(), outputs: new Map() };
  let decorators = {};
  for (const node of root.namedChildren) {
    if (node.type === 'decorators') {
      decorators = decoratorsOf(node.namedChildren);
      continue;
    }
    const name = node.namedChildren.find(c => c.type === 'identifier')?.text;
    const at = node.startPosition.row + 1;
    const own = { name, node, at, decorators };
    const string = node.namedChildren.find(c => c.type === 'string');
    switch (node.type) {
      case 'using_statement':
        model.using = literal(string);
        break;
      case 'parameter_declaration': {
        const type = node.namedChildren.findIndex(c => c.type === 'type');
        model.parameters.set(name, {
          ...own,
          type: node.namedChildren[type]?.text,
          value: node.namedChildren[type + 1] ?? null,
          allowed: decorators.allowed?.[0]?.namedChildren.map(c => literal(c) ?? Number(c.text)),
        });
        break;
      }
      case 'variable_declaration':
        model.variables.set(name, { ...own, value: node.namedChildren[1] });
        break;
      case 'output_declaration':
        model.outputs.set(name, own);
        break;
      case 'resource_declaration': {
        const [type, version] = literal(string).split('@');
        model.resources.set(name, { ...own, type, version, existing: node.children.some(c => c.type === 'existing'), body: unwrap(node.namedChildren.at(-1)) });
        break;
      }
      case 'module_declaration': {
        const body = unwrap(node.namedChildren.at(-1));
        model.modules.set(name, { ...own, path: literal(string), body, passed: find(body, 'params') });
        break;
      }
    }
    decorators = {};
  }
  return model;
}

// Calls visit(identifier, kind) for each use of a name; kind is 'value' or 'function'. Names of loops and lambdas are left out where they hold.
export function visitNames(root, visit) {
  const walk = (node, scope) => {
    switch (node.type) {
      case 'identifier':
        if (!scope.has(node.text)) visit(node, 'value');
        return;
      case 'type':
      case 'metadata_declaration':
      case 'target_scope_assignment':
        return;
      case 'decorator':
        node.namedChildren[0].childForFieldName('arguments')?.namedChildren.forEach(c => walk(c, scope));
        return;
      case 'object_property': {
        const [key, value] = node.namedChildren;
        if (key.type === 'string') key.namedChildren.forEach(c => walk(c, scope));
        if (value) walk(value, scope);
        return;
      }
      case 'parameter_declaration':
      case 'variable_declaration':
      case 'output_declaration':
      case 'resource_declaration':
      case 'module_declaration': {
        let isName = true;
        for (const child of node.namedChildren) {
          if (isName && child.type === 'identifier') isName = false;
          else walk(child, scope);
        }
        return;
      }
      case 'call_expression': {
        const name = node.childForFieldName('function');
        if (name?.type === 'identifier') visit(name, 'function');
        else if (name) walk(name, scope);
        node.namedChildren.filter(c => c.type === 'arguments').forEach(c => walk(c, scope));
        return;
      }
      case 'lambda_expression': {
        const inner = new Set(scope);
        node.namedChildren.slice(0, -1).forEach(c => c.text.replace(/\w+/g, word => inner.add(word)));
        walk(node.namedChildren.at(-1), inner);
        return;
      }
      case 'for_statement': {
        const inner = new Set(scope);
        const names = node.childForFieldName('initializer') ?? node.namedChildren.find(c => c.type === 'for_loop_parameters');
        names.text.replace(/\w+/g, word => inner.add(word));
        node.namedChildren.filter(c => c.id !== names.id).forEach(c => walk(c, inner));
        return;
      }
      default:
        node.namedChildren.forEach(c => walk(c, scope));
    }
  };
  walk(root, new Set());
}
