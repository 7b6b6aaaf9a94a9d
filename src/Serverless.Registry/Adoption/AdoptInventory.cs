using System.Runtime.CompilerServices;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Adoption;

/// <summary>What lies there.</summary>
/// <param name="Repositories">How many repositories.</param>
/// <param name="Newest">What was written last; null when there is nothing.</param>
internal sealed record AdoptInventory(long Repositories, StoredObject? Newest)
{
    /// <summary>Lists all of it.</summary>
    public static async Task<AdoptInventory> ReadAsync(IObjectStore objects, DistributionLayout layout, CancellationToken cancellationToken)
    {
        var (repositories, last) = (0L, default(string));
        StoredObject? newest = null;
        await foreach (var each in objects.ListAsync(layout.Prefix, cancellationToken))
        {
            // Ours.
            if (each.Name == layout.Marker) continue;
            if (newest is null || each.LastModified > newest.LastModified) newest = each;
            if (layout.RepositoryOf(each.Name) is not { } name || name == last) continue;
            repositories++;
            last = name;
        }

        return new AdoptInventory(repositories, newest);
    }

    /// <summary>
    /// Lists the repositories with all that they have, one after the other. What lies in one stands side by side in the list, however others are called: names of objects that begin alike do, and no
    /// part of a repository's name begins with an underscore.
    /// </summary>
    public static async IAsyncEnumerable<AdoptedRepository> ListAsync(IObjectStore objects, DistributionLayout layout, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AdoptedRepository? repository = null;
        await foreach (var each in objects.ListAsync(layout.RepositoriesPrefix, cancellationToken))
        {
            if (layout.RepositoryOf(each.Name) is not { } name) continue;
            if (repository is not null && repository.Name != name) yield return repository;
            if (repository?.Name != name) repository = new AdoptedRepository(name);
            repository.Add(each, layout);
        }

        if (repository is not null) yield return repository;
    }
}

/// <summary>A repository as distribution has it.</summary>
/// <param name="Name">Its name as it is stored.</param>
internal sealed record AdoptedRepository(string Name)
{
    /// <summary>Its manifests.</summary>
    public DigestSet Revisions { get; } = new();

    /// <summary>The blobs that it may read.</summary>
    public DigestSet Layers { get; } = new();

    /// <summary>Its tags.</summary>
    public List<AdoptedTag> Tags { get; } = [];

    /// <summary>Takes one of its objects into account.</summary>
    public void Add(StoredObject link, DistributionLayout layout)
    {
        var (revisions, layers, tags) = (layout.RevisionsOf(Name), layout.LayersOf(Name), layout.TagsOf(Name));
        if (link.Name.StartsWith(layers, StringComparison.Ordinal) && DistributionLayout.DigestOf(link.Name, layers) is { } layer) Layers.Add(layer);
        else if (link.Name.StartsWith(revisions, StringComparison.Ordinal) && DistributionLayout.DigestOf(link.Name, revisions) is { } revision) Revisions.Add(revision);
        else if (link.Name.StartsWith(tags, StringComparison.Ordinal) && DistributionLayout.TagOf(link.Name, tags) is { } tag) Tags.Add(new AdoptedTag(tag, link.Name, link.LastModified));
    }
}

/// <summary>A tag as distribution has it.</summary>
/// <param name="Name">Its name as it is stored.</param>
/// <param name="Link">The object that says what it points at.</param>
/// <param name="Pushed">When that was written, UTC.</param>
internal sealed record AdoptedTag(string Name, string Link, DateTimeOffset Pushed);
