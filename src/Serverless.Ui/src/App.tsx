import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isAdmin } from './api/admin';
import { session } from './api/session';
import { announce, Announcer } from './parts/announcer';
import { links, parseRoute, type Route } from './routes';
import { AccountView } from './views/AccountView';
import { AccountsView } from './views/AccountsView';
import { AuditView } from './views/AuditView';
import { CompareView } from './views/CompareView';
import { DeletedView } from './views/DeletedView';
import { ManifestView } from './views/ManifestView';
import { QuotasView } from './views/QuotasView';
import { RepositoriesView } from './views/RepositoriesView';
import { RepositoryView } from './views/RepositoryView';
import { ScopeMapsView } from './views/ScopeMapsView';
import { SignInForm } from './views/SignIn';
import { TagView } from './views/TagView';
import { UsageView } from './views/UsageView';

// The title of a view; and the view itself, made anew when it is of something else.
function show(route: Route): [string, JSX.Element] {
  switch (route.view) {
    case 'repositories':
      return ['Repositories', <RepositoriesView q={route.q} />];
    case 'repository':
      return [route.name, <RepositoryView key={route.name} name={route.name} />];
    case 'tag':
      return [`${route.name}:${route.tag}`, <TagView key={`${route.name}:${route.tag}`} name={route.name} tag={route.tag} />];
    case 'manifest':
      return [`${route.name}@${route.digest}`, <ManifestView key={`${route.name}@${route.digest}`} name={route.name} digest={route.digest} />];
    case 'compare':
      return [`${route.left} and ${route.right} of ${route.name}`, <CompareView key={location.hash} name={route.name} left={route.left} right={route.right} />];
    case 'deleted':
      return [`Deleted in ${route.name}`, <DeletedView key={route.name} name={route.name} />];
    case 'usage':
      return ['Usage', <UsageView />];
    case 'accounts':
      return ['Accounts', <AccountsView />];
    case 'account':
      return [`Account ${route.name}`, <AccountView key={route.name} name={route.name} />];
    case 'scopeMaps':
      return ['Scope maps', <ScopeMapsView />];
    case 'quotas':
      return ['Quotas', <QuotasView />];
    case 'audit':
      return ['Changes by admins', <AuditView />];
    case 'unknown':
      return ['There is no such page', <a href={links.repositories()}>All repositories</a>];
  }
}

// A search is the same view as before, in which somebody is typing.
const viewOf = (hash: string): string => hash.replace(/^#/, '').replace(/\?.*/, '') || '/';

export function App() {
  const [hash, setHash] = useState(location.hash);
  const [account, setAccount] = useState(session.name);
  const [isForAdmins, setForAdmins] = useState(false);
  const [isSigningIn, setSigningIn] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(viewOf(location.hash));
  const [title, view] = show(parseRoute(hash));

  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  // The form in which somebody has signed in is gone, and the focus with it.
  useEffect(() => session.onChange(() => (setAccount(session.name), heading.current?.focus())), []);

  useEffect(() => {
    const stop = new AbortController();
    setForAdmins(false);
    isAdmin(stop.signal).then(
      is => stop.signal.aborted || setForAdmins(is),
      (e: Error) => stop.signal.aborted || announce(e.message),
    );
    return () => stop.abort();
  }, [account]);

  // A screen reader goes on with the new view's heading, as after a link to another page.
  useEffect(() => {
    document.title = `${title} · Container registry`;
    if (shown.current === viewOf(hash)) return;
    shown.current = viewOf(hash);
    setSigningIn(false);
    heading.current?.focus();
    scrollTo(0, 0);
  }, [hash]);

  return (
    <>
      <header>
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          Skip to the content
        </button>
        <nav aria-label="Registry">
          <a href={links.repositories()}>Repositories</a>
          <a href={links.usage}>Usage</a>
          {isForAdmins && (
            <>
              <a href={links.accounts}>Accounts</a>
              <a href={links.scopeMaps}>Scope maps</a>
              <a href={links.quotas}>Quotas</a>
              <a href={links.audit}>Changes</a>
            </>
          )}
        </nav>
        <div class="who">
          {account === null ? (
            <button type="button" onClick={() => setSigningIn(!isSigningIn)} aria-expanded={isSigningIn}>
              Sign in
            </button>
          ) : (
            <>
              <bdi class="text">{account}</bdi>
              <button type="button" onClick={() => session.signOut()}>
                Sign out
              </button>
            </>
          )}
        </div>
      </header>
      <main ref={main} tabIndex={-1}>
        <h1 ref={heading} tabIndex={-1}>
          <bdi class="text">{title}</bdi>
        </h1>
        {isSigningIn && account === null && <SignInForm onDone={() => setSigningIn(false)} />}
        {view}
      </main>
      <Announcer />
    </>
  );
}
