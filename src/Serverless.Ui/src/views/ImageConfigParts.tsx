import type { ComponentChildren } from 'preact';
import type { BuildStep, ImageConfig } from '../api/types';
import { Age, Facts, Section } from '../parts/Small';
import { Text } from '../parts/Text';

const lines = (texts: string[]) => (
  <ul class="plain">
    {texts.map((text, i) => (
      <li key={i}>
        <Text value={text} />
      </li>
    ))}
  </ul>
);

// As the exec form of a Dockerfile has it: where an argument ends can be seen.
const exec = (words: string[]) => <Text value={words.map(w => (/^[\w./:=@%+-]+$/.test(w) ? w : JSON.stringify(w))).join(' ')} />;

/** What an image's config says of how it runs. */
export function ConfigFacts({ config }: { config: ImageConfig }) {
  const rows: [string, ComponentChildren][] = [];
  if (config.createdAt !== undefined) rows.push(['Built', <Age time={config.createdAt} />]);
  if (config.author !== undefined) rows.push(['Author', <Text value={config.author} />]);
  if (config.entrypoint.length > 0) rows.push(['Entrypoint', exec(config.entrypoint)]);
  if (config.command.length > 0) rows.push(['Command', exec(config.command)]);
  if (config.workingDirectory) rows.push(['Working directory', <Text value={config.workingDirectory} />]);
  if (config.user) rows.push(['User', <Text value={config.user} />]);
  if (config.ports.length > 0) rows.push(['Ports', <Text value={config.ports.join(', ')} />]);
  if (config.volumes.length > 0) rows.push(['Volumes', <Text value={config.volumes.join(', ')} />]);
  if (config.environment.length > 0) rows.push(['Environment', lines(config.environment)]);
  const labels = Object.entries(config.labels);
  return (
    <>
      <Section id="config" title="Config">
        {rows.length === 0 ? <p class="faint">It says nothing.</p> : <Facts rows={rows} />}
      </Section>
      {labels.length > 0 && (
        <Section id="labels" title="Labels">
          <Facts rows={labels.map(([key, value]) => [key, <Text value={value} />])} />
        </Section>
      )}
    </>
  );
}

/** How an image was built, the first step first. */
export function BuildHistory({ steps }: { steps: BuildStep[] }) {
  return (
    <Section id="history" title="How it was built">
      <ol class="list">
        {steps.map((step, i) => (
          <li key={i}>
            <code>
              <Text value={step.createdBy ?? step.comment ?? 'unknown'} />
            </code>{' '}
            <span class="faint">
              {step.createdAt !== undefined && <Age time={step.createdAt} />}
              {step.isEmpty && ' · no layer'}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
