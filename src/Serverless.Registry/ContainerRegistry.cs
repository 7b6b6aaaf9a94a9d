using System.Runtime.CompilerServices;
using Serverless.Registry.Access;
using Serverless.Registry.Adoption;
using Serverless.Registry.Backup;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.Blobs;
using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Imports;
using Serverless.Registry.Manifests;
using Serverless.Registry.Mirrors;
using Serverless.Registry.Moving;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;
using Serverless.Registry.Verification;

namespace Serverless.Registry;

/// <summary>
/// A container registry on a table store and an object store. It holds no state that another instance would have to know of: any number of them may work on
/// the same stores.
/// </summary>
public sealed class ContainerRegistry
{
    private readonly RegistryContext _context;
    private readonly UploadTokens _uploads;
    private readonly PullNotes _pulls;

    /// <summary>A registry on these stores.</summary>
    /// <param name="tables">Where the metadata is.</param>
    /// <param name="objects">Where the bytes are.</param>
    /// <param name="options">Choices; they must be valid.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="signal">Told that there are events to deliver; null: a sweep finds them.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public ContainerRegistry(ITableStore tables, IObjectStore objects, RegistryOptions options, TimeProvider timeProvider, IEventSignal? signal = null)
    {
        if (options.Validate().FirstOrDefault() is { } wrong) throw new ArgumentException(wrong, nameof(options));
        _context = new RegistryContext(tables, objects, options, timeProvider, signal);
        var secret = new SharedSecret(tables, "upload", options.UploadSecret);
        _uploads = new UploadTokens(secret, timeProvider, options.UploadLifetime);
        UploadCapabilities = new UploadCapabilities(secret, timeProvider);
        _pulls = new PullNotes(tables, timeProvider);
        Imports = new ImportStore(_context, new ImportSeal(new SharedSecret(tables, "imports", options.UploadSecret)));
    }

    /// <summary>The choices.</summary>
    public RegistryOptions Options => _context.Options;

    /// <summary>Read-only mode and the delete switch.</summary>
    public RegistrySwitches Switches => _context.Switches;

    /// <summary>Tags and manifests that are locked at run time.</summary>
    public RegistryLocks Locks => _context.Locks;

    /// <summary>How much namespaces may hold.</summary>
    public RegistryQuotas Quotas => _context.Quotas;

    /// <summary>How much repositories and namespaces hold.</summary>
    public RegistryUsage Usage => new(_context);

    /// <summary>Whether the tables and the bytes are those of one registry.</summary>
    public RegistryIdentity Identity => _context.Identity;

    /// <summary>Which releases may work on what is stored.</summary>
    public FormatRaise Format => new(_context);

    /// <summary>Lets a write through, or a deletion. Whoever serves requests asks before it writes.</summary>
    /// <param name="delete">Whether something is to be deleted that somebody could have read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">UNSUPPORTED: switched off; or what is stored is not this registry's, or a newer release's.</exception>
    public ValueTask DemandWritableAsync(bool delete, CancellationToken cancellationToken) => _context.DemandWritableAsync(delete, cancellationToken);

    /// <summary>Collects what nobody uses any more.</summary>
    public GarbageCollector GarbageCollector => new(_context);

    /// <summary>Lets uploads go on at a host where nobody signs in.</summary>
    public UploadCapabilities UploadCapabilities { get; }

    /// <summary>The imports that were asked for.</summary>
    public ImportStore Imports { get; }

    /// <summary>Runs imports.</summary>
    /// <param name="sources">Opens what they come from.</param>
    public ImportRun RunImports(IImportSources sources) => new(_context, Imports, sources, (name, origin, source, options, progress) => CopyTo(GetRepository(name, origin), source, options, progress));

    /// <summary>Compares everything that is stored with everything else.</summary>
    public Verifier Verifier => new(_context);

    /// <summary>Copies what is stored to an archive, and back.</summary>
    public RegistryBackup Backups(IBackupArchive archive) => new(_context, archive);

    /// <summary>Moves all that is stored to other stores.</summary>
    /// <param name="tables">Where the metadata goes.</param>
    /// <param name="objects">Where the bytes go.</param>
    public RegistryMove MoveTo(ITableStore tables, IObjectStore objects) => new(_context, new RegistryContext(tables, objects, Options, _context.TimeProvider));

    /// <summary>Makes the storage of distribution this registry's.</summary>
    public DistributionAdoption Adoption => new(_context);

    /// <summary>Delivers events to those who are told of them.</summary>
    /// <param name="endpoints">The endpoints, by names of their own.</param>
    /// <param name="observer">Told of what becomes of events.</param>
    public EventDelivery DeliverTo(IEnumerable<IEventEndpoint> endpoints, IDeliveryObserver observer) => new(_context, endpoints, observer);

    /// <summary>Fetches what a mirror does not hold yet.</summary>
    /// <param name="rule">One of the mirrors in the options.</param>
    /// <param name="open">Opens a repository of the other registry, by the name that it has there.</param>
    /// <param name="observer">Told of what becomes of requests.</param>
    public Mirror MirrorFrom(MirrorRule rule, Func<RepositoryName, IMirrorSource> open, IMirrorObserver observer) =>
        new(_context, name => GetRepository(name, ChangeOrigin.Of($"mirror {rule.Name}")).Blobs, rule, open, observer);

    /// <summary>Refuses what would be pushed to a mirror.</summary>
    /// <exception cref="RegistryException">DENIED: the repository holds what another registry has.</exception>
    public void DemandNoMirror(RepositoryName name)
    {
        if (Options.FindMirror(name) is { } mirror) throw new RegistryException(RegistryError.Denied, $"nobody pushes to repositories that begin with {mirror.Prefix}: they mirror another registry");
    }

    /// <summary>Copies images into a repository.</summary>
    /// <param name="target">The repository, with whoever copies as its origin.</param>
    /// <param name="source">Where they are.</param>
    /// <param name="options">Choices.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <exception cref="RegistryException">DENIED: the repository mirrors another registry.</exception>
    public ImageCopy CopyTo(Repository target, IImageSource source, CopyOptions options, CopyProgress progress)
    {
        DemandNoMirror(target.Name);
        var ends = new CopyEnds(source, new RegistryTarget(target.Blobs, target.Manifests, target.Tags, options.MountFrom))
        {
            Parts = options.Notes is { } notes ? new PartedBlobs(target.Blobs, notes, options.PartSize, progress) : null,
        };
        return Copy(ends, options, progress);
    }

    /// <summary>Copies images out of a repository.</summary>
    /// <param name="source">The repository.</param>
    /// <param name="target">Where they go.</param>
    /// <param name="options">Choices.</param>
    /// <param name="progress">Told how far it has come.</param>
    public ImageCopy CopyFrom(Repository source, IImageTarget target, CopyOptions options, CopyProgress progress) =>
        Copy(new CopyEnds(new RepositorySource(source.Blobs, source.Manifests, source.Tags, source.Referrers), target), options, progress);

    private ImageCopy Copy(CopyEnds ends, CopyOptions options, CopyProgress progress) => new(ends, Options.ManifestTypes, options, progress, _context.TimeProvider);

    /// <summary>Deletes tags by rule.</summary>
    public RetentionRun Retention => new(_context);

    /// <summary>The repository of that name, whether or not anything was pushed to it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="origin">Who changes what is changed through the object, for histories and events; null when unknown.</param>
    /// <exception cref="RegistryException">NAME_UNKNOWN: the name is outside the registry's scope.</exception>
    public Repository GetRepository(RepositoryName name, ChangeOrigin? origin = null) =>
        Options.Scope.Contains(name) ? new Repository(_context, _uploads, _pulls, name, origin ?? ChangeOrigin.Unknown) : throw new RegistryException(RegistryError.NameUnknown);

    /// <summary>Whether the repository is in the catalog.</summary>
    public Task<bool> ContainsAsync(RepositoryName name, CancellationToken cancellationToken) => _context.Catalog.ContainsAsync(name, cancellationToken);

    /// <summary>Lists the repositories in ASCII order.</summary>
    public IAsyncEnumerable<RepositoryName> ListAsync(CancellationToken cancellationToken) => _context.Catalog.ListAsync(null, cancellationToken);

    /// <summary>A page of the catalog in ASCII order: one round trip to storage, and more only where storage hands out short pages.</summary>
    /// <param name="count">Names in the page, at most.</param>
    /// <param name="last">The text after which to go on; it need not be a repository. Null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<(IReadOnlyList<RepositoryName> Names, bool More)> ListPageAsync(int count, string? last, CancellationToken cancellationToken) =>
        _context.Catalog.ListPageAsync(count, last, cancellationToken);

    /// <summary>
    /// As the other overload, of the names that some rights let one pull. It reads those that begin as the rights do, and at most 4,000 of them, so a page may be short, even empty, and
    /// still have a successor. Round trips to storage: four at most, and one where 1,000 names are to be read or fewer.
    /// </summary>
    /// <param name="count">Names in the page, at most.</param>
    /// <param name="last">The text after which to go on; it need not be a repository. Null begins at the first.</param>
    /// <param name="cursor">The cursor of the page before, which wins over <paramref name="last"/>; null where it had none.</param>
    /// <param name="rights">What the reader may do.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">PageInvalid: the cursor is not of this registry.</exception>
    public Task<CatalogPage> ListPageAsync(int count, string? last, string? cursor, AccessRights rights, CancellationToken cancellationToken) =>
        _context.Catalog.ListPageAsync(count, last, cursor, rights, cancellationToken);

    /// <summary>
    /// Deletes a repository's tags and manifests. Its blobs are collected when their grace is over. What somebody pushes meanwhile stays. The name leaves
    /// the catalog at once if nobody has pushed for a while, else with the next collection. A removal that is cut off is gone on with by the next one.
    /// </summary>
    /// <returns>False when it was not in the catalog.</returns>
    /// <exception cref="RegistryException">DENIED: a tag is immutable, and nothing was deleted.</exception>
    public async Task<bool> RemoveAsync(RepositoryName name, CancellationToken cancellationToken) => await RemoveAsync(name, null, cancellationToken) is not null;

    /// <summary>As the other overload, for somebody who watches.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="report">Told after each batch how far it has come; may be null.</param>
    /// <param name="cancellationToken">Stops it at the next call to storage.</param>
    /// <param name="origin">Who removes it, for events; null: nobody says.</param>
    /// <returns>What went and what stays; null when it was not in the catalog.</returns>
    /// <exception cref="RegistryException">DENIED: a tag is immutable, and nothing was deleted.</exception>
    public async Task<RemovalProgress?> RemoveAsync(RepositoryName name, Action<RemovalProgress>? report, CancellationToken cancellationToken, ChangeOrigin? origin = null)
    {
        if (!Options.Scope.Contains(name)) throw new RegistryException(RegistryError.NameUnknown);
        var catalog = await _context.Tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(name), cancellationToken);
        var removal = origin is null ? new RepositoryRemoval(_context, name, report) : new RepositoryRemoval(_context, name, report) { Origin = origin };
        var removed = await removal.RunAsync(catalog is not null, cancellationToken);
        if (catalog is null) return null;
        // By the ETag read before the manifests: whoever announced a push since then keeps the row. Whoever announced one before may still rely on it
        // and not write it again, unless it is too old for that.
        if (removed.Kept == 0 && _context.TimeProvider.GetUtcNow() - catalog.Timestamp > Options.AnnouncementMemory + Options.LongestRequest)
        {
            await _context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(catalog.Key, catalog.ETag), cancellationToken);
            _context.Announcements.ForgetRepository(name);
        }

        return removed;
    }

    /// <summary>Has endpoints told that something was pulled, where they ask for it.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="target">The manifest or blob.</param>
    /// <param name="tag">The tag by which a manifest was pulled; null where it was by its digest.</param>
    /// <param name="isBlob">Whether it is a blob.</param>
    /// <param name="origin">Who has pulled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task TellPulledAsync(RepositoryName name, Descriptor target, Tag? tag, bool isBlob, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        var change = isBlob
            ? RegistryChange.OfBlob(EventAction.Pull, name, target.Digest, target.Size)
            : RegistryChange.Of(EventAction.Pull, name, target) with { Tags = tag is { } t ? [t] : [], OnlyTags = tag is not null };
        return _context.Outbox.TellAsync(change, origin, cancellationToken);
    }

    /// <summary>Lists all blobs of the registry, linked or not. Scans the whole table of blobs.</summary>
    public async IAsyncEnumerable<Descriptor> ListBlobsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var links = new BlobLinks(_context);
        await foreach (var row in _context.Tables.ListAsync(TableKeys.BlobsTable, RowQuery.Prefix(null, TableKeys.BlobRow), cancellationToken))
        {
            yield return links.Read(Digest.Parse(row.Key.Partition), row).Descriptor;
        }
    }
}
