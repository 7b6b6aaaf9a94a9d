// Parameters that a deployment must refuse, each with what it must say.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// what is wrong, lines of a parameter file for main.bicep, the message
const REFUSED = [];

export async function* refusals(project, refused = REFUSED) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'infra-refused.'));
  try {
    for (const [what, lines, message] of refused) {
      const file = path.join(folder, `${what.replaceAll(/\W+/g, '-')}.bicepparam`);
      fs.writeFileSync(file, [`using '${path.join(project.infra, 'main.bicep')}'`, ...lines].join('\n'));
      const said = await project.bicep.snapshot(file).then(() => 'nothing: it was accepted', error => error.message);
      yield [`refused: ${what}`, said.includes(message) ? [] : [`it must say "${message}"`, `it said ${said.slice(0, 400)}`]];
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
