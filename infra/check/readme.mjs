// The table of parameters in infra/README.md, made from main.bicep.
const TABLE = /(^\| parameter \| default \|.*\n\|[-|]+\n)((?:\|.*\n)*)/m;

export const parameterRows = text => TABLE.exec(text)?.[2].trimEnd() ?? '';
export const withParameterRows = (text, rows) => text.replace(TABLE, (_, head) => `${head}${rows}\n`);

export async function parameterTable(project) {
  const { parameters } = await project.template('main.bicep');
  const source = project.text('main.bicep');
  return Object.entries(parameters).map(([name, { metadata, allowedValues }]) => {
    const value = new RegExp(`^param ${name} \\w+ = (.*)$`, 'm').exec(source)[1].replace(/^'(.*)'$/, '$1');
    const values = (allowedValues ?? []).filter(v => v !== '').map(v => `\`${v}\``);
    return `| \`${name}\` | ${value && `\`${value}\``} | ${metadata.description}${values.length > 0 ? ` (${values.join(', ')})` : ''} |`;
  }).join('\n');
}
