using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>What all services of one registry share.</summary>
internal sealed class RegistryContext
{
    public RegistryContext(ITableStore tables, IObjectStore objects, RegistryOptions options, TimeProvider timeProvider)
    {
        (Tables, Objects, Options, TimeProvider) = (tables, objects, options, timeProvider);
        Announcements = new Announcements(tables, timeProvider, options.AnnouncementMemory);
        Catalog = new Catalog(tables, options.Scope, new SharedSecret(tables, "catalog", options.UploadSecret));
        Switches = new RegistrySwitches(this);
        BodyMemory = new BodyMemory(options.UploadMemory, timeProvider);
    }

    public ITableStore Tables { get; }

    public IObjectStore Objects { get; }

    public RegistryOptions Options { get; }

    public TimeProvider TimeProvider { get; }

    public Announcements Announcements { get; }

    public Catalog Catalog { get; }

    public RegistrySwitches Switches { get; }

    /// <summary>What the bodies of all requests hold at a time.</summary>
    public BodyMemory BodyMemory { get; }

    /// <summary>What manifests name is touched by so many at a time: a few large manifests shall not take storage from everybody else.</summary>
    public SharedLimit Touches { get; } = new(128);

    /// <summary>
    /// Asked before each step that cannot be taken back, and not only when a request or a task begins: a body may come for hours and a run may take as long, and whoever has made
    /// the registry read-only waits for quiet.
    /// </summary>
    /// <exception cref="RegistryException">UNSUPPORTED: the registry is read-only.</exception>
    public ValueTask DemandWritableAsync(CancellationToken cancellationToken) => Switches.DemandAsync(delete: false, cancellationToken);

    /// <summary>Whether the tag may neither be moved nor deleted.</summary>
    public bool IsImmutable(RepositoryName repository, Tag tag) => Options.ImmutableTags.Any(rule => rule.Match(repository, tag));

    /// <summary>
    /// Whether a row was touched less than half a grace ago. Our clock may differ from storage's by seconds, half a grace is hours: what looks young to us
    /// is far from being collected.
    /// </summary>
    public bool IsYoung(TableRow row) => TimeProvider.GetUtcNow() - row.Timestamp < Options.Grace / 2;
}
