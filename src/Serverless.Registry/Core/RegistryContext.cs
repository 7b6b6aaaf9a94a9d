using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>What all services of one registry share.</summary>
internal sealed class RegistryContext
{
    public RegistryContext(ITableStore tables, IObjectStore objects, RegistryOptions options, TimeProvider timeProvider, IEventSignal? signal = null)
    {
        (Tables, Objects, Options, TimeProvider) = (tables, objects, options, timeProvider);
        Announcements = new Announcements(tables, timeProvider, options.AnnouncementMemory);
        Catalog = new Catalog(tables, options.Scope, new SharedSecret(tables, "catalog", options.UploadSecret));
        Shared = new SharedRows(tables, timeProvider);
        Switches = new RegistrySwitches(tables, Shared, options.Switches);
        Locks = new RegistryLocks(tables, Shared);
        Quotas = new RegistryQuotas(tables, Shared, timeProvider);
        Identity = new RegistryIdentity(tables, objects, Shared);
        Outbox = new Outbox(tables, Announcements, Shared, options.Events, signal);
        BodyMemory = new BodyMemory(options.UploadMemory, timeProvider);
    }

    public ITableStore Tables { get; }

    public IObjectStore Objects { get; }

    public RegistryOptions Options { get; }

    public TimeProvider TimeProvider { get; }

    public Announcements Announcements { get; }

    public Catalog Catalog { get; }

    public Outbox Outbox { get; }

    public SharedRows Shared { get; }

    public RegistrySwitches Switches { get; }

    public RegistryLocks Locks { get; }

    public RegistryQuotas Quotas { get; }

    public RegistryIdentity Identity { get; }

    /// <summary>What the bodies of all requests hold at a time.</summary>
    public BodyMemory BodyMemory { get; }

    /// <summary>What manifests name is touched by so many at a time: a few large manifests shall not take storage from everybody else.</summary>
    public SharedLimit Touches { get; } = new(128);

    /// <summary>Manifests that are read for the sake of events, so many at a time: each may have megabytes.</summary>
    public SharedLimit EventReferences { get; } = new(2);

    /// <summary>
    /// Asked before each step that cannot be taken back, and not only when a request or a task begins: a body may come for hours and a run may take as long, and whoever has made
    /// the registry read-only waits for quiet.
    /// </summary>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only.</exception>
    public ValueTask DemandWritableAsync(CancellationToken cancellationToken) => DemandWritableAsync(delete: false, cancellationToken);

    /// <inheritdoc cref="DemandWritableAsync(CancellationToken)"/>
    public async ValueTask DemandWritableAsync(bool delete, CancellationToken cancellationToken)
    {
        await DemandOwnAsync(cancellationToken);
        await Switches.DemandAsync(delete, cancellationToken);
    }

    /// <summary>Asked by whoever writes, also where the operator himself does while the registry is read-only for others.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is another registry's, or a newer release's.</exception>
    public async ValueTask DemandOwnAsync(CancellationToken cancellationToken)
    {
        var seen = await Shared.GetAsync(cancellationToken);
        await Identity.DemandAsync(seen, cancellationToken);
        // What was made a moment ago is read again.
        Options.Format.Demand((await Shared.GetAsync(cancellationToken)).Find(TableKeys.Format), collects: false);
    }

    /// <summary>Asked before each run from which something may be deleted.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is another registry's, or a newer release's.</exception>
    public async Task DemandCollectorAsync(CancellationToken cancellationToken) => await DemandCollectorAsync(await Shared.ReadAsync(cancellationToken), cancellationToken);

    /// <inheritdoc cref="DemandCollectorAsync(CancellationToken)"/>
    public async Task DemandCollectorAsync(SharedRows.Seen seen, CancellationToken cancellationToken)
    {
        await Identity.ProveAsync(seen, cancellationToken);
        Options.Format.Demand((await Shared.GetAsync(cancellationToken)).Find(TableKeys.Format), collects: true);
    }

    /// <summary>Asked again before each part of such a run: a newer release may have come meanwhile.</summary>
    /// <exception cref="RegistryException">UNSUPPORTED: what is stored is a newer release's.</exception>
    public async Task DemandCollectorStillAsync(CancellationToken cancellationToken) =>
        Options.Format.Demand((await Shared.ReadAsync(cancellationToken)).Find(TableKeys.Format), collects: true);

    /// <summary>
    /// Asked before each step of such a run that deletes, as <see cref="DemandWritableAsync(CancellationToken)"/> and at the same cost: one repository may take long, and a run that
    /// somebody began by hand holds no claim for which whoever raises the format would wait.
    /// </summary>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only, or what is stored is a newer release's.</exception>
    public async ValueTask DemandCollectableAsync(CancellationToken cancellationToken)
    {
        await DemandWritableAsync(cancellationToken);
        Options.Format.Demand((await Shared.GetAsync(cancellationToken)).Find(TableKeys.Format), collects: true);
    }

    /// <summary>What of a repository may neither be moved nor deleted; at most five seconds old.</summary>
    public async ValueTask<Immutability> GetImmutabilityAsync(RepositoryName repository, CancellationToken cancellationToken) =>
        new(repository, Options.ImmutableTags, RegistryLocks.Of(await Shared.GetAsync(cancellationToken), TableKeys.LocksOf(repository)));

    /// <summary>
    /// Whether a row was touched less than half a grace ago. Our clock may differ from storage's by seconds, half a grace is hours: what looks young to us
    /// is far from being collected.
    /// </summary>
    public bool IsYoung(TableRow row) => TimeProvider.GetUtcNow() - row.Timestamp < Options.Grace / 2;
}
