import type { ComponentChildren } from 'preact';
import { links } from '../routes';
import { ageOf, shortDigest } from '../words';

/** How long ago something was; the time itself is in its title, and for programs. */
export function Age({ time }: { time: string | undefined }) {
  const date = time === undefined ? null : new Date(time);
  if (date === null || Number.isNaN(date.getTime())) return <span class="faint">unknown</span>;
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {ageOf(date, new Date())}
    </time>
  );
}

/** A digest, short, that leads to its manifest where a repository is named. */
export function DigestText({ digest, name }: { digest: string; name?: string }) {
  const text = <code title={digest}>{shortDigest(digest)}</code>;
  return name === undefined ? text : <a href={links.manifest(name, digest)}>{text}</a>;
}

/** Where one is: the repository, and what leads there. */
export function Crumbs({ children }: { children: ComponentChildren }) {
  return (
    <nav aria-label="Where you are" class="crumbs">
      <a href={links.repositories()}>Repositories</a> <span aria-hidden="true">›</span> {children}
    </nav>
  );
}

/** A part of a view, named by its heading. */
export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id} class="card">
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

/** Names with texts of others; nothing when there are none. */
export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
